-- The role that serves: it can change rows, and the program grants it what it needs at each start.
create role connect_app login password 'connect';
