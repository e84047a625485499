-- Lists of bookings that stay fast however many there are: each order and each narrow filter has its index.

create index bookings_by_start on bookings (lower(during), id);
create index bookings_by_status on bookings (status, lower(during), id);
create index bookings_by_maker on bookings (created_by, lower(during), id) where created_by <> member_id;
create index bookings_by_channel on bookings (channel, lower(during), id) where channel <> 'web';
create index bookings_by_reference on bookings (reference text_pattern_ops);
