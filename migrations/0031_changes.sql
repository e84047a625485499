-- What staff have done to bookings lately, so that it can be taken back.

create table booking_changes (
    id            uuid primary key,
    booking_id    uuid not null references bookings,
    kind          text not null check (kind in ('change', 'cancel')),
    made_by       uuid not null references members,
    made_at       timestamptz not null default now(),
    -- The booking's version once it was made: whatever came later is not taken back with it.
    version       int not null,
    -- The booking, the time it took and the days of passes it drew, as they were.
    before        jsonb not null check (before ?& array['booking', 'occupancies', 'days']),
    -- The booking as its member last heard of it.
    known         jsonb not null,
    -- What it charged, below zero what it credited.
    effect_cents  bigint not null,
    -- The mail that tells of it.
    job_id        uuid,
    undone_at     timestamptz,
    undone_by     uuid references members,
    check ((undone_at is null) = (undone_by is null))
);
create index booking_changes_by_booking on booking_changes (booking_id, made_at desc);
create index booking_changes_by_age on booking_changes (made_at);

-- Words of the team about a booking, which nobody else reads.
alter table bookings add column memo text not null default '';
