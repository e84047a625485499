-- Members, their companies, staff, and how they prove who they are.

create table members (
    id                 uuid primary key,
    name               text not null check (name <> ''),
    email              text unique check (email = lower(email)),
    email_verified_at  timestamptz,
    phone              text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
    home_location_id   uuid references locations,
    standing           text not null default 'good' check (standing in ('good', 'pay_first', 'barred')),
    standing_reason    text not null default '',
    password_hash      text,
    notes              text not null default '',
    created_at         timestamptz not null default now(),
    version            int not null default 1
);

create table companies (
    id               uuid primary key,
    name             text not null unique check (name <> ''),
    -- As addresses carry it: the name, and a piece of the id for names that would read alike.
    slug             text not null unique generated always as
                         (trim(both '-' from regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g') || '-' || right(id::text, 4))) stored,
    registration_no  text not null default '',
    vat_no           text not null default '',
    billing_address  text not null default '',
    billing_email    text not null default '',
    po_required      boolean not null default false,
    created_at       timestamptz not null default now(),
    version          int not null default 1
);

create table company_people (
    company_id  uuid not null references companies,
    member_id   uuid not null references members,
    role        text not null check (role in ('admin', 'booker', 'guest')),
    primary key (company_id, member_id)
);
create index company_people_by_member on company_people (member_id);

-- Who pays for a member's bookings unless they say otherwise: a company they belong to, or themselves.
alter table members
    add column paying_company_id uuid,
    add foreign key (paying_company_id, id) references company_people (company_id, member_id)
        on delete set null (paying_company_id);

-- Looked at once the transaction is done, so that an admin may hand over in it.
create function company_keeps_an_admin() returns trigger language plpgsql as $$
begin
    -- One at a time, or two admins who leave at once would each see the other.
    perform from companies where id = old.company_id for no key update;
    if found and not exists (select from company_people where company_id = old.company_id and role = 'admin') then
        raise exception 'the company would have no admin' using errcode = 'check_violation',
            constraint = 'company_keeps_an_admin';
    end if;
    return null;
end $$;
create constraint trigger company_keeps_an_admin after update or delete on company_people
    deferrable initially deferred for each row when (old.role = 'admin')
    execute function company_keeps_an_admin();

create table staff (
    member_id    uuid primary key references members,
    role         text not null check (role in ('receptionist', 'manager', 'owner')),
    location_id  uuid references locations,
    check ((role = 'manager') = (location_id is not null))
);

create table sessions (
    token_hash  bytea primary key check (length(token_hash) = 32),
    -- What its owner names it by, since the hash is for nobody to see.
    id          uuid not null unique default gen_random_uuid(),
    member_id   uuid not null references members,
    device      text not null default '',
    created_at  timestamptz not null default now(),
    seen_at     timestamptz not null default now(),
    expires_at  timestamptz not null
);
create index sessions_by_member on sessions (member_id);

create table api_tokens (
    id            uuid primary key,
    token_hash    bytea not null unique check (length(token_hash) = 32),
    member_id     uuid not null references members,
    name          text not null,
    created_at    timestamptz not null default now(),
    last_used_at  timestamptz,
    revoked_at    timestamptz
);
create index api_tokens_by_member on api_tokens (member_id);

-- Attempts at signing in and asking for mails, counted per address and per network so that all
-- instances agree; rows older than a day are tidied away.
create table attempts (
    what        text not null,
    subject     text not null,
    at          timestamptz not null default now()
);
create index attempts_by_subject on attempts (what, subject, at);
