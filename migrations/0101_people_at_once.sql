-- How many people a location takes at once, whatever they have booked; null for as many as it seats.
alter table locations add column most_at_once int check (most_at_once > 0);
