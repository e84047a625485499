-- The spaces that a member has starred, in their own order: the first desk is their usual one.
create table favourites (
    member_id  uuid not null references members,
    space_id   uuid not null references spaces,
    position   int  not null check (position between 1 and 20),
    primary key (member_id, space_id),
    unique (member_id, position) deferrable
);
