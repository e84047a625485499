-- Passes: hot-desking by the week or the month, and the days drawn on them.

-- A hot desk's week and month are passes: its own rates are by the hour and the day.
alter table rates add check (kind <> 'hot_desk' or unit in ('hour', 'half_day', 'day'));

create table pass_products (
    id           uuid primary key,
    slug         text not null unique check (slug ~ '^[a-z0-9-]+$'),
    name         text not null,
    -- Null for every location.
    location_id  uuid references locations,
    unit         text not null check (unit in ('week', 'month')),
    -- How many of its days can be used; null for all of them.
    days         int check (days between 1 and 31),
    -- Including VAT.
    cents        bigint not null check (cents > 0),
    -- The most that may be in force on one day; null for any number.
    cap          int check (cap > 0),
    sold_from    date not null,
    on_sale      boolean not null default true,
    position     int not null default 0
);

create table passes (
    id             uuid primary key,
    reference      text not null unique check (reference ~ '^CP-[2-9A-HJ-NP-TV-Z]{5}$'),
    product_id     uuid not null references pass_products,
    member_id      uuid not null references members,
    account_id     uuid not null references accounts,
    created_by     uuid not null references members,
    channel        text not null check (channel in ('web', 'phone', 'desk', 'api')),
    -- As it was sold; what happens to the product later changes nothing here.
    name           text not null,
    location_id    uuid references locations,
    time_zone      text not null,
    -- In the location's calendar: the first day of it up to, and without, the day after the last.
    valid          daterange not null check (not isempty(valid) and not lower_inf(valid) and not upper_inf(valid)),
    days           int check (days between 1 and 31),
    -- How many days can be drawn at most.
    places         int not null generated always as (coalesce(days, upper(valid) - lower(valid))) stored,
    price          jsonb not null,
    total_cents    bigint not null check (total_cents >= 0),
    vat_cents      bigint not null check (vat_cents between 0 and total_cents),
    currency       text not null default 'ZAR',
    terms_version  text not null,
    -- The same for a repeated submission: it makes one pass.
    key            text check (length(key) between 1 and 200),
    request_hash   bytea not null,
    created_at     timestamptz not null default now(),
    cancelled_at   timestamptz,
    cancelled_by   uuid references members,
    check ((cancelled_at is null) = (cancelled_by is null)),
    unique (member_id, key),
    unique (id, places, valid)
);
create index passes_by_member on passes (member_id, upper(valid));
create index passes_by_product on passes using gist (product_id, valid) where (cancelled_at is null);

-- A day of a pass that a booking draws on. Each day drawn has one of the pass's places, and a place one
-- day, so that never more days are drawn than there are; a day drawn covers one desk at a time.
-- `active` follows the booking through the foreign key: freeing a booking gives its days back, unless
-- they are `kept` because it was cancelled too late.
create table pass_days (
    booking_id  uuid not null,
    on_date     date not null,
    pass_id     uuid not null,
    places      int not null,
    valid       daterange not null,
    place       int not null,
    active      boolean not null default true,
    kept        boolean not null default false,
    during      tstzrange not null check (not isempty(during)),
    drawn_at    timestamptz not null default now(),
    primary key (booking_id, on_date),
    foreign key (booking_id, active) references bookings (id, takes_space) on update cascade,
    foreign key (pass_id, places, valid) references passes (id, places, valid),
    check (place between 1 and places),
    check (valid @> on_date),
    constraint pass_days_cover_one_desk
        exclude using gist (pass_id with =, during with &&) where (active),
    constraint pass_days_have_one_date_a_place
        exclude using gist (pass_id with =, place with =, on_date with <>) where (active or kept),
    constraint pass_days_have_one_place_a_date
        exclude using gist (pass_id with =, on_date with =, place with <>) where (active or kept)
);
create index pass_days_by_pass on pass_days (pass_id, on_date);

alter table ledger_entries add pass_id uuid references passes;
alter table ledger_entries add check (num_nonnulls(booking_id, pass_id) <= 1);
create index ledger_by_pass on ledger_entries (pass_id);
