-- A letter alone is a command on the day's timeline, unless its user has switched that off.
alter table staff add column letters boolean not null default true;
