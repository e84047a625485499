-- What those who set the house up need: addresses and versions of what they change.

alter table booking_policies
    add column slug text not null unique generated always as
        (trim(both '-' from regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'))) stored,
    add column version int not null default 1;
alter table pass_products add column version int not null default 1;

-- The few that wait for approval.
create index bookings_pending on bookings (id) where status = 'pending';
