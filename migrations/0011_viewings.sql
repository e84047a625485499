-- People who ask to see us or ask something, and what becomes of them.

create table viewings (
    id             uuid primary key,
    reference      text not null unique check (reference ~ '^V-[2-9A-HJ-NP-TV-Z]{5}$'),
    location_id    uuid not null references locations,
    status         text not null default 'new' check (status in
                       ('new', 'contacted', 'scheduled', 'toured', 'proposal', 'won', 'lost',
                        'later', 'no_show', 'spam')),
    name           text not null,
    email          text check (email = lower(email)),
    phone          text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
    company        text not null default '',
    interests      text[] not null default '{}'
                       check (interests <@ array['hot_desk', 'meeting_room', 'office']),
    people         int check (people > 0),
    starts_on      date,
    term           text not null default '' check (term in ('', 'now_and_then', 'by_the_month', 'half_a_year')),
    budget_cents   bigint check (budget_cents > 0),
    wished         timestamptz[] not null default '{}' check (cardinality(wished) <= 6),
    source         text not null default 'web' check (source in ('web', 'phone', 'whatsapp', 'walk_in', 'broker')),
    broker         text not null default '',
    -- Why it was taken for spam; empty once staff have said that it is none.
    spam_reason    text not null default '',
    assignee_id    uuid references members,
    next_action    text not null default '',
    next_on        date,
    -- The visit: who shows the place, and when.
    guide_id       uuid references members,
    during         tstzrange check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
    lost_reason    text not null default '',
    member_id      uuid references members,
    company_id     uuid references companies,
    -- Grows with every change that calendars must follow.
    sequence       int not null default 0,
    -- The newest of them that the prospect was mailed.
    told_sequence  int,
    version        int not null default 1,
    created_at     timestamptz not null default now(),
    changed_at     timestamptz not null default now(),
    -- Since when its person is forgotten; only the count stays.
    forgotten_at   timestamptz,
    check (forgotten_at is not null or (name <> '' and num_nonnulls(email, phone) > 0)),
    check (forgotten_at is null or (name = '' and num_nulls(email, phone) = 2 and company = '')),
    check (status <> 'scheduled' or num_nonnulls(guide_id, during) = 2),
    check (status <> 'lost' or lost_reason <> ''),
    check (status <> 'won' or member_id is not null),
    constraint guides_are_in_one_place
        exclude using gist (guide_id with =, during with &&) where (status = 'scheduled')
);
create index viewings_by_status on viewings (status, changed_at);
create index viewings_by_email on viewings (email) where email is not null;
create index viewings_by_phone on viewings (phone) where phone is not null;

-- When a viewing first came to each stage: what the funnel is counted from.
create table viewing_stages (
    viewing_id  uuid not null references viewings,
    status      text not null,
    at          timestamptz not null default now(),
    primary key (viewing_id, status)
);
create function note_viewing_stage() returns trigger language plpgsql as $$
begin
    insert into viewing_stages (viewing_id, status, at)
    values (new.id, new.status, case when tg_op = 'INSERT' then new.created_at else now() end)
    on conflict do nothing;
    return null;
end $$;
create trigger viewings_note_their_stage after insert or update of status on viewings
    for each row execute function note_viewing_stage();

-- What was said and done: a request's own words, calls, mails, notes.
create table viewing_notes (
    id          uuid primary key,
    viewing_id  uuid not null references viewings,
    kind        text not null check (kind in ('request', 'note', 'call', 'whatsapp', 'mail')),
    body        text not null,
    author_id   uuid references members,
    at          timestamptz not null default now()
);
create index viewing_notes_by_viewing on viewing_notes (viewing_id, at);

-- The links in a prospect's mails; each mail has its own, and all of them work for their time.
create table viewing_links (
    token_hash  bytea primary key check (length(token_hash) = 32),
    viewing_id  uuid not null references viewings,
    expires_at  timestamptz not null
);
create index viewing_links_by_viewing on viewing_links (viewing_id);

create table questions (
    id            uuid primary key,
    reference     text not null unique check (reference ~ '^Q-[2-9A-HJ-NP-TV-Z]{5}$'),
    location_id   uuid not null references locations,
    status        text not null default 'open' check (status in ('open', 'answered', 'closed', 'spam')),
    name          text not null,
    email         text check (email = lower(email)),
    phone         text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
    body          text not null,
    spam_reason   text not null default '',
    answer_by     timestamptz not null,
    version       int not null default 1,
    created_at    timestamptz not null default now(),
    changed_at    timestamptz not null default now(),
    forgotten_at  timestamptz,
    check (forgotten_at is not null or (name <> '' and num_nonnulls(email, phone) > 0)),
    check (forgotten_at is null or (name = '' and num_nulls(email, phone) = 2 and body = ''))
);
create index questions_by_status on questions (status, answer_by);

create table question_answers (
    id           uuid primary key,
    question_id  uuid not null references questions,
    body         text not null,
    author_id    uuid not null references members,
    at           timestamptz not null default now()
);
create index question_answers_by_question on question_answers (question_id, at);

alter table installation
    -- Signs what pages carry and we need not keep, such as when a form was shown.
    add column signing_key bytea not null
        default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
    add column keep_prospects_months int not null default 12 check (keep_prospects_months between 1 and 120);
