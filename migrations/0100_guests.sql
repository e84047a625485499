-- Guests of a booking, invited by mail by whoever booked it. Each has a page of their own, and sees nothing else.

alter table installation
    -- So long after a booking its guests are known by name.
    add column keep_guests_days int not null default 30 check (keep_guests_days between 1 and 365),
    -- So many one member sends within a day; the front desk is trusted.
    add column invitations_a_day int not null default 50 check (invitations_a_day between 1 and 1000);

-- Whether they are told how to get online, as whoever booked is.
alter table locations add column wifi_for_guests boolean not null default false;

create table guests (
    id            uuid primary key,
    booking_id    uuid not null references bookings,
    name          text not null,
    email         text not null,
    invited_by    uuid not null references members,
    invited_at    timestamptz not null default now(),
    -- They cannot come; and what the host last heard of that.
    declined_at   timestamptz,
    host_heard    boolean not null default false,
    host_job      uuid,
    removed_at    timestamptz,
    arrived_at    timestamptz,
    arrived_by    uuid references members,
    -- What the last mail to them says, what the one before said, and the job that wrote it.
    told          jsonb,
    told_before   jsonb,
    told_job      uuid,
    -- Of their event in calendars: grows with each of these mails.
    sequence      int not null default 0,
    forgotten_at  timestamptz,
    check (case when forgotten_at is null then name <> '' and email <> '' else name = '' and email = '' end),
    check ((arrived_at is null) = (arrived_by is null))
);
create unique index guests_are_invited_once on guests (booking_id, email) where removed_at is null and forgotten_at is null;
create index guests_by_inviter on guests (invited_by, invited_at);
create index guests_to_forget on guests (booking_id) where forgotten_at is null;

-- Each mail has a link of its own, and all of them work until the guest is forgotten.
create table guest_links (
    token_hash  bytea primary key check (length(token_hash) = 32),
    guest_id    uuid not null references guests
);
create index guest_links_by_guest on guest_links (guest_id);

-- Whatever moves or ends a booking, its guests hear of it once that can no longer be taken back.
create function guests_hear() returns trigger language plpgsql as $$
begin
    insert into jobs (id, payload, run_at)
    select gen_random_uuid(), jsonb_build_object('kind', 'guest_told', 'guest', id), now() + interval '2 minutes'
    from guests where booking_id = new.id and removed_at is null and declined_at is null and forgotten_at is null;
    return null;
end $$;
create trigger bookings_tell_guests after update of sequence on bookings
    for each row when (old.sequence <> new.sequence) execute function guests_hear();
