-- Staying past the end: charged by the terms that a booking was made under, if its policy charges it at all.

alter table booking_policies add column overrun_minutes int check (overrun_minutes between 0 and 240);

-- How long past the end is not charged, and in which steps the rest is; nothing is charged without it.
alter table bookings add column overrun jsonb;
