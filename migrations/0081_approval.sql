-- Spaces whose bookings somebody has to approve: a request takes its time until it is decided, or begins.

alter table booking_policies add column approval boolean not null default false;

-- A request ends when its booking would begin, as a hold ends when it says.
alter table bookings drop constraint bookings_check4,
    add constraint a_hold_ends check (case status when 'held' then hold_expires_at is not null
                                                  when 'pending' then true else hold_expires_at is null end),
    -- What whoever decided said to it.
    add column decision_note text not null default '',
    add column decided_by uuid references members,
    add column decided_at timestamptz,
    add check ((decided_by is null) = (decided_at is null));
create index bookings_asked on bookings (hold_expires_at) where status = 'pending';
