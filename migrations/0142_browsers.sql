-- Browsers in which a member has signed in, known by a cookie that stays: of another one they are told by mail.
create table browsers (
    id          uuid primary key,
    member_id   uuid not null references members,
    token_hash  bytea not null check (length(token_hash) = 32),
    -- What it calls itself.
    device      text not null,
    created_at  timestamptz not null default now(),
    seen_at     timestamptz not null default now(),
    unique (member_id, token_hash)
);
