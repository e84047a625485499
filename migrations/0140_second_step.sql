-- A second step when signing in: codes of an authenticator app (RFC 6238), and recovery codes for when it is lost.

create table authenticators (
    member_id     uuid primary key references members,
    secret        bytea not null check (length(secret) >= 20),
    begun_at      timestamptz not null default now(),
    -- When the first right code was typed; until then nobody is asked for one.
    confirmed_at  timestamptz,
    -- The latest half minute since 1970 whose code was taken: each is good once, and none before it.
    last_step     bigint not null default 0
);

create table recovery_codes (
    member_id  uuid not null references authenticators on delete cascade,
    code_hash  bytea not null check (length(code_hash) = 32),
    used_at    timestamptz,
    primary key (member_id, code_hash)
);

-- Somebody has shown the first of two: their browser has the secret, and nobody is signed in yet.
create table halfway (
    token_hash   bytea primary key check (length(token_hash) = 32),
    member_id    uuid not null references members,
    -- Their password, and not a link in a mail.
    by_password  boolean not null,
    expires_at   timestamptz not null default now() + interval '10 minutes'
);
create index halfway_by_member on halfway (member_id);
