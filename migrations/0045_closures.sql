-- Closures as staff run them: begun in one click, worked through booking by booking, ended by reopening.

-- A short name for addresses and the phone.
create function closure_reference() returns text language sql volatile as $$
    select 'CL-' || translate(upper(left(md5(gen_random_uuid()::text), 5)), '01ABCDEF', '23HJKMNP')
$$;

alter table closures
    add column reference text not null unique default closure_reference() check (reference ~ '^CL-[2-9A-HJ-NP-TV-Z]{5}$'),
    add column created_by uuid references members,
    add column version int not null default 1,
    add column reopened_at timestamptz,
    add column reopened_by uuid references members,
    -- When bookings are refused: up to reopening. Empty for one that was called off before it began.
    add column in_force tstzrange not null generated always as (during * tstzrange(null, reopened_at)) stored,
    add check (reopened_by is null or reopened_at is not null);
drop index closures_by_location;
create index closures_in_force on closures using gist (in_force);

-- Which spaces each closure closes.
create view closed_spaces as
select c.id as closure_id, s.id as space_id
from closures c
join spaces s on s.location_id = c.location_id
             and (c.floor_id is null or c.floor_id = s.floor_id)
             and (c.zone_id is null or c.zone_id = s.zone_id)
             and (c.space_id is null or c.space_id = s.id);

-- What was done about each booking that a closure hits. Rows stay when it is reopened.
create table closure_steps (
    closure_id  uuid not null references closures,
    booking_id  uuid not null references bookings,
    -- Somebody was reached on the phone.
    called_at   timestamptz,
    called_by   uuid references members,
    outcome     text check (outcome in ('moved', 'refunded', 'told', 'stays')),
    decided_at  timestamptz,
    decided_by  uuid references members,
    version     int not null default 1,
    primary key (closure_id, booking_id),
    check ((outcome is null) = (decided_at is null)),
    check ((called_at is null) = (called_by is null))
);
create index closure_steps_by_booking on closure_steps (booking_id);

-- The bookings that each closure hits: those in its time on its spaces, and those that something was done about.
create view closure_hits as
select x.closure_id, b.id as booking_id, lower(b.during) as begins, upper(b.during) as until, t.outcome
from closure_steps t
right join (
    select c.id as closure_id, b.id as booking_id
    from closures c
    join closed_spaces x on x.closure_id = c.id
    join occupancies o on o.space_id = x.space_id and o.active and o.occupies && c.in_force
    join bookings b on b.id = o.booking_id
                   and b.during && c.in_force
                   and (b.status in ('pending', 'confirmed', 'checked_in')
                        or b.status = 'held' and b.hold_expires_at > now())
    union
    select closure_id, booking_id from closure_steps where outcome is not null
) x on x.closure_id = t.closure_id and x.booking_id = t.booking_id
join bookings b on b.id = x.booking_id;
