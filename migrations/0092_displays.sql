-- Screens at the doors of rooms, each with an address of its own that shows that room and nothing else.

create table displays (
    id            uuid primary key,
    token_hash    bytea not null unique check (length(token_hash) = 32),
    space_id      uuid not null references spaces,
    -- Where it hangs, for whoever looks after it.
    name          text not null check (name <> ''),
    -- Whether the titles of bookings stand on it; nobody's name ever does.
    shows_titles  boolean not null,
    made_by       uuid not null references members,
    made_at       timestamptz not null default now(),
    -- To the minute.
    last_seen_at  timestamptz,
    revoked_at    timestamptz
);
create index displays_of_space on displays (space_id) where revoked_at is null;
