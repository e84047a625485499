-- Bookings that somebody at the front desk was interrupted in.

create table booking_drafts (
    id        uuid primary key,
    staff_id  uuid not null references staff (member_id) on delete cascade,
    -- The fields of the form as they were typed.
    typed     jsonb not null check (jsonb_typeof(typed) = 'object' and octet_length(typed::text) < 20000),
    saved_at  timestamptz not null
);
create index booking_drafts_by_staff on booking_drafts (staff_id, saved_at);
