-- Work that leaves after commit, and mails kept where nothing is sent.

-- A job is written in the transaction that caused it and taken by a worker under a lease.
-- Done jobs stay for a while, failed ones until staff try them again.
create table jobs (
    id                uuid primary key,
    payload           jsonb not null check (payload ? 'kind'),
    kind              text not null generated always as (payload ->> 'kind') stored,
    run_at            timestamptz not null default now(),
    -- Grows with every lease and never shrinks, so that it names the lease: whoever finishes late is known by it.
    attempts          int not null default 0 check (attempts >= 0),
    attempts_allowed  int not null default 10,
    leased_until      timestamptz,
    last_error        text,
    created_at        timestamptz not null default now(),
    done_at           timestamptz,
    failed_at         timestamptz,
    status            text not null generated always as
                          (case when done_at is not null then 'done'
                                when failed_at is not null then 'failed'
                                else 'waiting' end) stored,
    check (done_at is null or failed_at is null)
);
create index jobs_waiting on jobs (run_at) where status = 'waiting';
create index jobs_failed on jobs (failed_at) where status = 'failed';
create index jobs_done on jobs (done_at) where status = 'done';

-- Only wakes the workers sooner: they also look by themselves.
create function notify_jobs() returns trigger language plpgsql as $$
begin
    perform pg_notify('jobs', '');
    return null;
end $$;
create trigger jobs_wake_workers after insert on jobs
    for each statement execute function notify_jobs();

-- Mails of an installation with sample data and no mail server.
create table mails (
    id               uuid primary key,
    -- A mail sent twice is one mail.
    message_id       text not null unique,
    to_name          text not null,
    to_address       text not null,
    subject          text not null,
    text             text not null,
    html             text not null,
    calendar         text,
    calendar_method  text check (calendar_method in ('REQUEST', 'CANCEL')),
    kept_at          timestamptz not null default now(),
    check ((calendar is null) = (calendar_method is null))
);
create index mails_newest on mails (kept_at desc, id desc);
create index mails_by_address on mails (lower(to_address), kept_at desc, id desc);
