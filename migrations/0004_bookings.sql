-- Bookings and the ledger of time they take.

create extension if not exists btree_gist;

create table accounts (
    id          uuid primary key,
    member_id   uuid unique references members,
    company_id  uuid unique references companies,
    check (num_nonnulls(member_id, company_id) = 1)
);

create table bookings (
    id                   uuid primary key,
    reference            text not null unique check (reference ~ '^CS-[2-9A-HJ-NP-TV-Z]{5}$'),
    space_id             uuid not null references spaces,
    member_id            uuid not null references members,
    account_id           uuid not null references accounts,
    -- Null while nobody has proved who they are: a newcomer's hold, before the link in the mail is used.
    created_by           uuid references members,
    channel              text not null check (channel in ('web', 'phone', 'desk', 'api')),
    term                 text not null check (term in ('time', 'day', 'week', 'month')),
    -- How many weeks or months.
    term_count           int check (term_count > 0),
    during               tstzrange not null,
    -- Of days, weeks or months: the last day, whose closing may be after midnight.
    last_day             date,
    people               int not null check (people > 0),
    -- How the room is set up, where it can be in several ways.
    layout               text,
    title                text not null default '',
    -- To the team, from whoever booked.
    notes                text not null default '',
    -- Whom to call on the day, where it is not the member.
    contact_name         text not null default '',
    contact_phone        text check (contact_phone ~ '^\+[1-9][0-9]{6,14}$'),
    -- The company's number for its own books, where it asks for one.
    purchase_order       text not null default '',
    status               text not null check (status in
                             ('held', 'pending', 'confirmed', 'checked_in', 'completed',
                              'cancelled', 'declined', 'expired', 'no_show')),
    -- A request beside which others may ask for the same time.
    competes             boolean not null default false,
    takes_space          boolean not null generated always as
                             (status not in ('cancelled', 'declined', 'expired')
                              and not (status = 'pending' and competes)) stored,
    hold_expires_at      timestamptz,
    hold_extended        boolean not null default false,
    -- Held till a day's closing, and not as a checkout: a member has one at a time.
    first_refusal        boolean not null default false,
    -- The price as it was agreed: lines of {label, cents}, and their sums.
    price                jsonb not null,
    total_cents          bigint not null check (total_cents >= 0),
    vat_cents            bigint not null check (vat_cents between 0 and total_cents),
    currency             text not null default 'ZAR',
    cancellation         jsonb not null,
    terms_version        text not null,
    sequence             int not null default 0,
    version              int not null default 1,
    created_at           timestamptz not null default now(),
    confirmed_at         timestamptz,
    cancelled_at         timestamptz,
    cancelled_by         uuid references members,
    cancellation_reason  text check (cancellation_reason in ('member', 'us', 'hospitalisation_or_death')),
    cancellation_note    text not null default '',
    kept_cents           bigint check (kept_cents between 0 and total_cents),
    check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
    check (last_day is null or term <> 'time'),
    check ((term_count is not null) = (term in ('week', 'month'))),
    check ((status = 'held') = (hold_expires_at is not null)),
    check ((status = 'cancelled') = (cancelled_at is not null)),
    check ((status = 'cancelled') = (cancellation_reason is not null)),
    check (status not in ('confirmed', 'checked_in', 'completed', 'no_show') or confirmed_at is not null),
    unique (id, takes_space)
);
create index bookings_by_member on bookings (member_id, lower(during));
create index bookings_by_account on bookings (account_id, lower(during));
create index bookings_by_space on bookings (space_id, lower(during));
create index bookings_held on bookings (hold_expires_at) where status = 'held';

-- What takes a space, and for how long. The exclusion constraint is the proof that nothing is booked
-- twice. `active` follows the booking's status through the foreign key: freeing a booking frees its time.
create table occupancies (
    id          uuid primary key,
    space_id    uuid not null references spaces,
    booking_id  uuid not null,
    active      boolean not null,
    during      tstzrange not null check (not isempty(during) and not lower_inf(during)),
    -- The time itself with the set-up before it and the turnaround after it.
    occupies    tstzrange not null,
    -- A hold's end: past it the time counts as free. Null once it is firm.
    held_until  timestamptz,
    check (during <@ occupies and not lower_inf(occupies)),
    check (upper(occupies) <> 'infinity' and lower(occupies) <> '-infinity'),
    foreign key (booking_id, active) references bookings (id, takes_space) on update cascade,
    constraint occupancies_never_overlap
        exclude using gist (space_id with =, occupies with &&) where (active)
);
create index occupancies_by_start on occupancies (space_id, lower(occupies)) where active;
create index occupancies_by_booking on occupancies (booking_id);

-- One answer for one submission: the key is kept with the booking it made, in the same transaction.
create table idempotency_keys (
    member_id     uuid not null references members,
    key           text not null check (length(key) between 1 and 200),
    request_hash  bytea not null,
    booking_id    uuid not null references bookings,
    created_at    timestamptz not null default now(),
    primary key (member_id, key)
);

-- Links sent by mail: used once, within their time; only the hash of the secret is kept. The secret
-- is made when the mail is written, so `token_hash` is null until then.
create table links (
    id          uuid primary key,
    purpose     text not null check (purpose in ('sign_in', 'confirm_booking', 'reset_password', 'verify_email')),
    member_id   uuid not null references members,
    booking_id  uuid references bookings,
    next        text not null default '/bookings',
    token_hash  bytea unique check (length(token_hash) = 32),
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null,
    used_at     timestamptz,
    check ((purpose = 'confirm_booking') = (booking_id is not null))
);
create index links_by_member on links (member_id);
