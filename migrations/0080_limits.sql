-- How much of a kind one member, or one company, may use in a day, a week or a month; and when a week begins.

-- Each as {most, unit: hours or days, per: day, week or month, whose: member or company}.
alter table booking_policies add column limits jsonb not null default '[]' check (jsonb_typeof(limits) = 'array');

-- By ISO weekday, Monday 1.
alter table locations add column week_starts int not null default 1 check (week_starts between 1 and 7);
