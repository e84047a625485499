-- Who came and when, who left before the end, and who did not come: as the front desk ticks it.

alter table bookings
    add column arrived_at timestamptz,
    add column arrived_by uuid references members,
    add column left_at    timestamptz,
    add column left_by    uuid references members,
    add column missed_at  timestamptz,
    add column missed_by  uuid references members,
    add check (status <> 'checked_in' or arrived_at is not null),
    add check (left_at is null or arrived_at is not null and status = 'completed'),
    add check ((status = 'no_show') = (missed_at is not null));
create index bookings_here on bookings (upper(during)) where status = 'checked_in';
