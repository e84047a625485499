-- Addresses at which calendars read bookings: a member's own, or those of a space for somebody who works here.

create table calendar_feeds (
    id            uuid primary key,
    token_hash    bytea not null unique,
    member_id     uuid not null references members,
    space_id      uuid references spaces,
    made_at       timestamptz not null default now(),
    -- To the hour.
    last_read_at  timestamptz,
    revoked_at    timestamptz
);
create unique index calendar_feeds_that_work on calendar_feeds (member_id, space_id) nulls not distinct
    where revoked_at is null;
