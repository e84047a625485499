-- Where people work: locations, their floors and zones, and when they are open.

create table locations (
    id              uuid primary key,
    slug            text not null unique check (slug ~ '^[a-z0-9-]+$'),
    name            text not null,
    position        int  not null default 0,
    status          text not null default 'open' check (status in ('announced', 'open', 'closed')),
    time_zone       text not null,
    emblem          text not null default 'sunrise',
    summary         text not null default '',
    description     text not null default '',
    address         text not null default '',
    phone           text not null default '',
    whatsapp        text not null default '',
    email           text not null default '',
    amenities       text[] not null default '{}',
    directions      text not null default '',
    gate            text not null default '',
    parking         text not null default '',
    wifi            text not null default '',
    latitude        double precision,
    longitude       double precision,
    -- What a computed public holiday means here; 'reduced' is open for the two times beside it.
    holidays        text not null default 'closed' check (holidays in ('closed', 'reduced', 'normal')),
    holiday_opens   time,
    holiday_closes  time,
    check (holidays <> 'reduced' or (holiday_opens is not null and holiday_closes is not null))
);

create table floors (
    id           uuid primary key,
    location_id  uuid not null references locations,
    name         text not null,
    level        int  not null,
    plan         jsonb not null default '{}',
    unique (location_id, level),
    unique (id, location_id)
);

create table zones (
    id        uuid primary key,
    floor_id  uuid not null references floors,
    name      text not null,
    unique (floor_id, name),
    unique (id, floor_id)
);

-- Weekly hours. A closing time at or before the opening time is on the next day.
create table opening_hours (
    location_id  uuid not null references locations,
    kind         text not null check (kind in ('staffed', 'access')),
    weekday      smallint not null check (weekday between 1 and 7),
    opens        time not null,
    closes       time not null,
    primary key (location_id, kind, weekday, opens)
);

-- What replaces the weekly hours, and any public holiday, on one date; no times means closed.
create table hours_exceptions (
    location_id  uuid not null references locations,
    on_date      date not null,
    opens        time,
    closes       time,
    reason       text not null,
    primary key (location_id, on_date),
    check ((opens is null) = (closes is null))
);
