-- What people decide about themselves: what they may be sent, which address is theirs, who joins their company.

-- Each change of mind about marketing is a row, the newest counts, and none of them ever changes. Who is
-- no member is known by the email address or phone number that they left with us.
create table consents (
    id               uuid primary key,
    member_id        uuid references members,
    address          text check (address <> ''),
    channel          text not null check (channel in ('email', 'sms', 'whatsapp')),
    given            boolean not null,
    -- Where it was said, and in what words it was asked.
    source           text not null check (source in ('account', 'viewing', 'front_desk', 'unsubscribe')),
    wording_version  text not null,
    wording          text not null,
    network          text not null,
    at               timestamptz not null default now(),
    check (num_nonnulls(member_id, address) = 1)
);
create index consents_by_member on consents (member_id, id);
create index consents_by_address on consents (address, id);
create trigger consents_are_append_only before update or delete or truncate on consents
    for each statement execute function refuse_change();

-- Another address for a member: asked for, then confirmed by a link that is mailed to it. The secret is
-- made when the mail is written; to an address that somebody else has no link goes, and nothing here tells.
create table email_changes (
    id            uuid primary key,
    member_id     uuid not null references members,
    old_email     text,
    new_email     text not null check (new_email = lower(new_email)),
    token_hash    bytea unique check (length(token_hash) = 32),
    created_at    timestamptz not null default now(),
    expires_at    timestamptz not null,
    confirmed_at  timestamptz,
    withdrawn_at  timestamptz,
    check (confirmed_at is null or withdrawn_at is null)
);
create index email_changes_by_member on email_changes (member_id, created_at);

create table company_invitations (
    id            uuid primary key,
    company_id    uuid not null references companies,
    email         text not null check (email = lower(email)),
    role          text not null check (role in ('admin', 'booker', 'guest')),
    invited_by    uuid not null references members,
    token_hash    bytea unique check (length(token_hash) = 32),
    created_at    timestamptz not null default now(),
    expires_at    timestamptz not null,
    accepted_at   timestamptz,
    withdrawn_at  timestamptz,
    check (accepted_at is null or withdrawn_at is null)
);
create unique index company_invitations_open on company_invitations (company_id, email)
    where accepted_at is null and withdrawn_at is null;
