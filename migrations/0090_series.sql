-- Bookings that repeat: what was asked for. Every date is a booking of its own, with its own fate and charge.

create table series (
    id          uuid primary key,
    reference   text not null unique check (reference ~ '^SR-[2-9A-HJ-NP-TV-Z]{5}$'),
    -- As RFC 5545 writes it, with a COUNT or an UNTIL: FREQ=WEEKLY;BYDAY=MO,WE;COUNT=12.
    rrule       text not null check (rrule ~ '^FREQ=' and rrule ~ '(COUNT|UNTIL)='),
    first_day   date not null,
    -- The series that this one was split from, when its later dates became others.
    follows     uuid references series,
    -- Dates that were left out when it was made: [{"date": "2026-12-07", "because": "…"}].
    skipped     jsonb not null default '[]' check (jsonb_typeof(skipped) = 'array'),
    created_by  uuid not null references members,
    created_at  timestamptz not null default now()
);

alter table bookings add column series_id uuid references series;
create index bookings_by_series on bookings (series_id, lower(during)) where series_id is not null;

-- The mail about a series carries its dates as a file to be opened, not as an invitation to one event.
alter table mails drop constraint mails_calendar_method_check,
    add check (calendar_method in ('REQUEST', 'CANCEL', 'PUBLISH'));
