-- What can be booked, and the policy that says what may be asked of it.

create table booking_policies (
    id                  uuid primary key,
    name                text not null unique,
    step_minutes        int not null check (step_minutes between 5 and 1440),
    min_minutes         int not null check (min_minutes >= step_minutes),
    max_minutes         int not null check (max_minutes >= min_minutes),
    notice_minutes      int not null default 0 check (notice_minutes >= 0),
    max_advance_days    int not null check (max_advance_days > 0),
    by_time             boolean not null,
    by_day              boolean not null,
    -- Day and night, closed days with them: offices. A desk's week and month are passes.
    by_week             boolean not null default false,
    by_month            boolean not null default false,
    setup_minutes       int not null default 0 check (setup_minutes between 0 and 1440),
    turnaround_minutes  int not null default 0 check (turnaround_minutes between 0 and 1440),
    max_at_once         int check (max_at_once > 0),
    -- How many working days somebody may have first refusal for; 0 where it is not offered.
    first_refusal_days  int not null default 0 check (first_refusal_days between 0 and 30),
    -- [{"minutes_before": 1440, "kept_percent": 0}, …], longest notice first; the last tier has 0 minutes.
    cancellation        jsonb not null,
    check (by_time or by_day or by_week or by_month)
);

create table spaces (
    id           uuid primary key,
    location_id  uuid not null references locations,
    floor_id     uuid not null,
    zone_id      uuid,
    policy_id    uuid not null references booking_policies,
    slug         text not null unique check (slug ~ '^[a-z0-9-]+$'),
    name         text not null,
    kind         text not null check (kind in ('hot_desk', 'meeting_room', 'office')),
    seats        int not null check (seats > 0),
    -- Seats per layout of a room, {"boardroom": 12, "theatre": 24}; empty for one layout.
    layouts      jsonb not null default '{}'
                     check (layouts - array['boardroom', 'u_shape', 'classroom', 'cabaret', 'theatre', 'standing'] = '{}'),
    amenities    text[] not null default '{}',
    summary      text not null default '',
    status       text not null default 'active' check (status in ('active', 'hidden', 'out_of_order', 'retired')),
    position     int not null default 0,
    plan_x       real not null default 0,
    plan_y       real not null default 0,
    plan_w       real not null default 1,
    plan_h       real not null default 1,
    foreign key (floor_id, location_id) references floors (id, location_id),
    foreign key (zone_id, floor_id) references zones (id, floor_id)
);
create index spaces_by_location on spaces (location_id, kind, position);

create table closures (
    id           uuid primary key,
    location_id  uuid not null references locations,
    floor_id     uuid references floors,
    zone_id      uuid references zones,
    space_id     uuid references spaces,
    during       tstzrange not null check (not isempty(during) and not lower_inf(during)),
    reason       text not null,
    wording      text not null,
    created_at   timestamptz not null default now(),
    check (num_nonnulls(floor_id, zone_id, space_id) <= 1)
);
create index closures_by_location on closures using gist (during);
