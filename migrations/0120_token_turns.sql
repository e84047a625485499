-- How many requests each token was given in the running minute, over all servers: each takes some at once. What a
-- crash forgets here is a minute's count, so it is not written to the log.
create unlogged table token_turns (
    token_id  uuid primary key references api_tokens on delete cascade,
    minute    timestamptz not null,
    given     int not null check (given > 0)
);
