-- Checking in: when it opens, what becomes of a room that nobody comes for, and the code at each door.

alter table booking_policies
    add column check_in_minutes int not null default 15 check (check_in_minutes between 0 and 1440),
    add column unused           text not null default 'nothing' check (unused in ('nothing', 'ask', 'release')),
    add column grace_minutes    int not null default 15 check (grace_minutes between 5 and 240);

-- Until when it is not released though nobody has come: they run late, or it was given back to them.
alter table bookings add column kept_until timestamptz;
create index bookings_unused on bookings (lower(during)) where status = 'confirmed' and term = 'time';

-- 60 bits that nobody guesses, in letters and digits that are not mistaken for each other.
create function fresh_door_code() returns text language sql volatile as $$
    select string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + get_byte(b, i) % 32, 1), '' order by i)
    from (select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) as b) fresh, generate_series(0, 11) i
$$;
alter table spaces add column door_code text not null default fresh_door_code();
create unique index spaces_by_door_code on spaces (door_code);
