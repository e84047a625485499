-- Weekly hours from a date on, and since when and until when a space can be booked: a change of today leaves
-- what was yesterday as it was.

-- Of the weeks of a location and kind, the newest that begins on or before a date is in force on it.
alter table opening_hours add column valid_from date not null default '2000-01-01';
alter table opening_hours drop constraint opening_hours_pkey;
alter table opening_hours add primary key (location_id, kind, valid_from, weekday, opens);

-- Null: from the beginning; null: still.
alter table spaces
    add column since date,
    add column retired_on date,
    add column version int not null default 1,
    add check (retired_on is null or since is null or retired_on >= since);
alter table locations add column version int not null default 1;
