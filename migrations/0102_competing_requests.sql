-- Requests that compete: several may ask for the same time, and whoever is approved has it. The booking's own column
-- stands with its table, since what takes a space is derived from it.
alter table booking_policies add column compete boolean not null default false;
create index bookings_competing on bookings (space_id) where status = 'pending' and competes;
