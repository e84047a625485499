-- The price list, and the ledger of each account.

-- In cents including VAT. For a date, each unit has the newest row at or before it; a row of the
-- space itself goes before the kind's; a row without cents takes the unit off the list.
create table rates (
    id           uuid primary key,
    location_id  uuid not null references locations,
    kind         text not null check (kind in ('hot_desk', 'meeting_room', 'office')),
    space_id     uuid references spaces,
    unit         text not null check (unit in ('hour', 'half_day', 'day', 'week', 'month')),
    cents        bigint check (cents > 0),
    valid_from   date not null,
    unique nulls not distinct (location_id, kind, space_id, unit, valid_from)
);

-- In basis points: 1500 is 15 %.
create table vat_rates (
    valid_from    date primary key,
    basis_points  int not null check (basis_points between 0 and 10000)
);

create table ledger_entries (
    id           uuid primary key,
    account_id   uuid not null references accounts,
    booking_id   uuid references bookings,
    kind         text not null check (kind in ('charge', 'payment', 'credit', 'refund', 'waiver')),
    -- What the account owes more (charge, refund) or less (payment, credit, waiver).
    cents        bigint not null,
    description  text not null,
    created_by   uuid references members,
    created_at   timestamptz not null default now(),
    check (case when kind in ('charge', 'refund') then cents >= 0 else cents <= 0 end)
);
create index ledger_by_account on ledger_entries (account_id, created_at);
create index ledger_by_booking on ledger_entries (booking_id);

create table audit_events (
    id          uuid primary key,
    at          timestamptz not null default now(),
    actor_id    uuid references members,
    verb        text not null,
    subject     text not null,
    subject_id  uuid not null,
    detail      jsonb not null default '{}'
);
create index audit_by_subject on audit_events (subject_id, at);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name;
end $$;

create trigger ledger_is_append_only before update or delete or truncate on ledger_entries
    for each statement execute function refuse_change();
create trigger audit_is_append_only before update or delete or truncate on audit_events
    for each statement execute function refuse_change();

-- What is true of this installation: one row.
create table installation (
    only_one       boolean primary key default true check (only_one),
    -- Filled with sample data: sign-ins are printed, mails are kept to be read.
    sample         boolean not null default false,
    operator       text not null default '',
    vat_number     text not null default '',
    vat_registered boolean not null default false,
    terms_version  text not null default '2026-11'
);
insert into installation default values;
