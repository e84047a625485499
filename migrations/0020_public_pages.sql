-- What the public pages say of the operator, the terms, and a location that is yet to open.

alter table installation
    add time_zone            text not null default 'Africa/Johannesburg',
    -- ECT Act 25 of 2002, s 43(1): empty until the operator fills it in.
    add legal_form           text not null default '',
    add registration_number  text not null default '',
    add office_bearers       text not null default '',
    add address              text not null default '',
    add service_address      text not null default '',
    add phone                text not null default '',
    add email                text not null default '',
    add memberships          text not null default '',
    add disputes             text not null default '',
    -- POPIA s 55, PAIA s 51.
    add information_officer  text not null default '',
    add privacy_email        text not null default '',
    add paia_manual          text not null default '' check (paia_manual = '' or paia_manual like 'https://%'),
    -- Where the data is kept, and by whom: POPIA s 18(1)(g), s 72.
    add hosting              text not null default '';

-- Each version as it was when it was accepted: it is never changed, a new one is added.
create table terms (
    version        text primary key check (version ~ '^[0-9]{4}-[0-9]{2}[a-z]?$'),
    in_force_from  date not null,
    body           text not null check (body <> ''),
    created_at     timestamptz not null default now()
);
create trigger terms_are_append_only before update or delete or truncate on terms
    for each statement execute function refuse_change();

insert into terms (version, in_force_from, body) values ('2026-11', '2026-11-01', $terms$
## What you book

A booking gives you and the people you name the use of one space for one time: a hot desk, a meeting room
or an office, as its page describes it. The space is yours from the first minute you booked to the last.
Set-up before and tidying after are our time, not yours, and cost you nothing.

We never take two bookings for one space and time. Should we still be unable to let you in, for a burst
pipe or a power failure that outlasts our backup, you choose: another space of at least the same kind, or
all your money back.

## What it costs

Every price you see is in rand and includes VAT where the operator is registered for it. Before you confirm,
the page lists each part of the price and the total. That total is what you owe. A later change of the price
list does not touch a booking that stands.

You pay at reception, or as the confirmation says. Deposits for offices let by the month are agreed in
writing before the letting begins.

## Cancelling and moving

Each kind of space says until when cancelling is free, and what is kept after that; your confirmation repeats
it with dates and times. The same rule holds whether you cancel on the site or by telephone.

- What is kept is never more than the booking's price.
- Nothing is kept where the person for whom the space was booked has died or is in hospital. Tell us, and
  we waive it (Consumer Protection Act, section 17).
- If somebody else took the space for all of that time, ask us, and we give back what we kept.
- If you do not come and did not cancel, the whole price is kept.

## Seven days to think again

A pass that you have bought here can be given back within seven days, without a reason and without a penalty
(ECT Act, section 44). The day you buy it is not counted, and the seventh day is counted to its end. You do
it yourself in one step, under My passes: the whole price is credited at once, and what you had paid is
refunded within 30 days. We give this right to companies as well. It ends with the first desk you book on
the pass, because then the service has begun as you asked (section 42(2)).

A booking of a space for a certain date or time is not among the services with that right: the Act leaves
out what is kept for you on a certain date or for a certain time (section 42(2)). For it the rule above holds,
which lets you cancel free of charge until the time that your confirmation names. Should the law give you
more than these terms, the law holds.

## Offices by the month and longer

A fixed term with a consumer runs for at most 24 months. You may end it early on 20 business days’ notice;
a reasonable penalty may apply. We remind you between 40 and 80 business days before it ends. After that it
runs from month to month until one of us gives a calendar month’s notice (Consumer Protection Act,
section 14). Between two companies the written agreement says what holds.

## Passes and prepaid time

A pass is for the time from its first day to its last, as it says when you buy it; days that you have not
used by then are over. Prepaid days and hours that are tied to no such time stay good for three years or
until you have used them.

## In the house

The [house rules](/house-rules) are part of these terms. Whoever booked answers for their guests. We may ask
somebody who endangers or harasses others to leave; if that was unfounded, we refund the time.

Bring what you need and take it home with you: we are not a safe. We answer for damage that we or our
people cause intentionally or through gross negligence, and for everything the law does not let us exclude.
**Please note:** beyond that we are not liable for lost profit, lost data or an interrupted line.

## Your data

What we keep about you, why and for how long is in the [privacy notice](/privacy).

## Changes and disputes

These terms have a version. A booking keeps the version that was in force when it was made, also when we
publish a new one. South African law applies. If we cannot settle something between us, you may turn to the
body named under “Who you deal with” on this page, or to the courts.
$terms$);

alter table installation add foreign key (terms_version) references terms;
alter table bookings add foreign key (terms_version) references terms;

-- What a newcomer asks about a location.
alter table locations
    -- City or suburb, as it stands in a postal address.
    add town       text not null default '',
    add step_free  text not null default '',
    add power      text not null default '',
    add water      text not null default '',
    add fibre      text not null default '',
    -- Lines and marks of a map drawn by hand: see locations/sketch.rs.
    add sketch     jsonb not null default '{}';

-- People who want to be told when an announced location opens. The row is the record of their consent.
create table interests (
    id             uuid primary key,
    location_id    uuid not null references locations,
    email          text not null,
    -- The sentence they agreed to, and when.
    consent        text not null check (consent <> ''),
    consented_at   timestamptz not null default now(),
    -- Of the link in the newest mail to them.
    token_hash     bytea unique check (length(token_hash) = 32),
    -- Their address is theirs.
    confirmed_at   timestamptz,
    withdrawn_at   timestamptz,
    told_at        timestamptz,
    unique (location_id, email)
);
create index interests_untold on interests (location_id)
    where confirmed_at is not null and withdrawn_at is null and told_at is null;
