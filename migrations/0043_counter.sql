-- Money at the counter: how it was taken, where, and what it came to at the end of a day.

alter table ledger_entries
    add method text check (method in ('cash', 'card', 'eft')),
    -- At which counter.
    add location_id uuid references locations,
    -- As the bank's statement has it.
    add bank_date date,
    add bank_reference text not null default '',
    add receipt text unique check (receipt ~ '^RC-[0-9]{4}-[0-9]{6}$'),
    -- The same for a repeated submission: it is taken once.
    add key text check (length(key) between 1 and 200),
    add request_hash bytea,
    add check (method is null or kind in ('payment', 'refund')),
    add check (num_nonnulls(method, location_id, receipt) in (0, 3)),
    add check ((bank_date is not null) = coalesce(method = 'eft', false)),
    add check ((key is null) = (request_hash is null));
create unique index ledger_keys on ledger_entries (created_by, key) where key is not null;
create index ledger_at_counters on ledger_entries (location_id, created_at) where method is not null;

-- The last number given to a kind of document in a year: taken in the transaction that issues it, so that
-- no number is missing and none is given twice.
create table document_numbers (
    kind  text not null check (kind in ('receipt')),
    year  int not null,
    last  int not null check (last > 0),
    primary key (kind, year)
);

-- What is still to pay for a booking, in cents; below zero, what is to be given back. What is not confirmed is
-- charged when it is.
create function due_on(booking uuid) returns bigint language sql stable
return coalesce((select sum(e.cents) from ledger_entries e where e.booking_id = due_on.booking), 0)::bigint
       + coalesce((select b.total_cents from bookings b where b.id = due_on.booking and b.status in ('held', 'pending')), 0);

-- The till of a location is counted, and what was taken up to then is closed.
create table cash_ups (
    id           uuid primary key,
    location_id  uuid not null references locations,
    number       int not null check (number > 0),
    -- By the location's calendar.
    on_date      date not null,
    closed_at    timestamptz not null default now(),
    closed_by    uuid not null references members,
    -- Why what was counted is not what was expected.
    note         text not null default '',
    unique (location_id, number)
);
create table cash_up_counts (
    cash_up_id      uuid not null references cash_ups,
    method          text not null check (method in ('cash', 'card', 'eft')),
    expected_cents  bigint not null,
    counted_cents   bigint not null,
    primary key (cash_up_id, method)
);
-- Each payment is in one of them.
create table cash_up_entries (
    entry_id    uuid primary key references ledger_entries,
    cash_up_id  uuid not null references cash_ups
);
create index cash_up_entries_by_cash_up on cash_up_entries (cash_up_id);

create trigger cash_ups_are_append_only before update or delete or truncate on cash_ups
    for each statement execute function refuse_change();
create trigger cash_up_counts_are_append_only before update or delete or truncate on cash_up_counts
    for each statement execute function refuse_change();
create trigger cash_up_entries_are_append_only before update or delete or truncate on cash_up_entries
    for each statement execute function refuse_change();
