-- A screen at a door holds its room for whoever stands there: one time at once, for some minutes.

alter table bookings drop constraint bookings_channel_check,
    add constraint bookings_channel_check check (channel in ('web', 'phone', 'desk', 'api', 'waitlist', 'door'));

alter table displays add column hold_id uuid references bookings;
