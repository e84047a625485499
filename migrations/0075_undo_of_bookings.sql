-- A booking that somebody at the front desk has just made can be taken back like what they change.

alter table booking_changes drop constraint booking_changes_kind_check,
    add check (kind in ('make', 'change', 'cancel', 'own'));

-- Who has a number already is asked with every guest that is written down.
create index members_by_phone on members (phone) where phone is not null;
