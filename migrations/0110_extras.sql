-- What goes with a booking: catering, a screen, a second whiteboard. Each location has its own.

create table extras (
    id             uuid primary key,
    location_id    uuid not null references locations,
    -- Stays whatever it is called later.
    slug           text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name           text not null check (name <> ''),
    description    text not null default '',
    -- The kinds of spaces that it goes with.
    kinds          text[] not null check (cardinality(kinds) > 0 and kinds <@ array['hot_desk', 'meeting_room', 'office']),
    unit           text not null check (unit in ('booking', 'person', 'hour')),
    -- Of one unit, including VAT.
    cents          bigint not null check (cents >= 0),
    -- How many can be in use at once; any number without it.
    stock          int check (stock between 1 and 10000),
    -- It is ordered so many minutes before the start, or by a clock time so many working days before.
    lead_minutes   int not null default 0 check (lead_minutes between 0 and 43200),
    lead_days      int check (lead_days between 0 and 20),
    lead_clock     time,
    -- The space is set up so much earlier for it.
    setup_minutes  int not null default 0 check (setup_minutes between 0 and 480),
    position       int not null default 0,
    offered        boolean not null default true,
    version        int not null default 1,
    unique (location_id, slug),
    check ((lead_days is null) = (lead_clock is null)),
    check (lead_clock is null or lead_minutes = 0)
);

-- What a booking has of them. `active` follows the booking as its time does.
create table booking_extras (
    booking_id  uuid not null,
    extra_id    uuid not null references extras,
    quantity    int not null check (quantity between 1 and 1000),
    -- Of one unit, as it was bought.
    cents       bigint not null check (cents >= 0),
    during      tstzrange not null check (not isempty(during)),
    active      boolean not null,
    primary key (booking_id, extra_id),
    foreign key (booking_id, active) references bookings (id, takes_space) on update cascade
);
create index booking_extras_in_use on booking_extras using gist (extra_id, during) where active;

-- The most of an extra that is in use at one moment of some time, holds that have run out and one booking left out.
create function extra_in_use(extra uuid, span tstzrange, besides uuid) returns bigint language sql stable as $$
    with used as (
        select u.quantity, u.during
        from booking_extras u join bookings b on b.id = u.booking_id
        where u.extra_id = extra and u.active and u.during && span and u.booking_id is distinct from besides
          and (b.status not in ('held', 'pending') or b.hold_expires_at > now())
    )
    select coalesce(max(at_once), 0)
    from (select (select sum(other.quantity) from used other where other.during @> greatest(lower(one.during), lower(span))) as at_once
          from used one) moments
$$;

-- Whatever path writes it, no more of an extra is in use at once than there is. Looked at one after the other, or two
-- at once would not see each other.
create function extras_are_never_oversold() returns trigger language plpgsql as $$
declare
    most int;
begin
    select stock into most from extras where id = new.extra_id for no key update;
    if most is not null and new.quantity + extra_in_use(new.extra_id, new.during, new.booking_id) > most then
        raise exception 'an extra is oversold' using errcode = 'check_violation', constraint = 'extras_are_never_oversold';
    end if;
    return null;
end $$;
create trigger extras_are_never_oversold after insert or update on booking_extras
    for each row when (new.active) execute function extras_are_never_oversold();
