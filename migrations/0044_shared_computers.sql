-- Computers that staff share, and the PINs with which they take turns at them.

alter table staff add pin_hash text, add pin_set_at timestamptz;
alter table staff add check ((pin_hash is null) = (pin_set_at is null));

create table computers (
    id            uuid primary key,
    token_hash    bytea not null unique check (length(token_hash) = 32),
    name          text not null check (name <> ''),
    shared_by     uuid not null references members,
    -- Without a touch for so long it covers itself.
    lock_minutes  int not null default 5 check (lock_minutes between 1 and 60),
    created_at    timestamptz not null default now(),
    -- When somebody who works here last signed in at it with a password: PINs are good for that day.
    password_at   timestamptz not null default now(),
    ended_at      timestamptz
);

alter table sessions
    -- Where it is used, if that is a computer that staff share.
    add computer_id  uuid references computers,
    add by_pin       boolean not null default false,
    -- When somebody touched it last, to fifteen seconds.
    add active_at    timestamptz not null default now(),
    -- When its person gave their password in it.
    add proven_at    timestamptz,
    add check (not by_pin or computer_id is not null);

-- Looked at once the transaction is done, so that an owner may hand over in it.
create function house_keeps_an_owner() returns trigger language plpgsql as $$
begin
    -- One at a time, or two owners who leave at once would each see the other.
    perform from installation for no key update;
    if not exists (select from staff where role = 'owner') then
        raise exception 'the house would have no owner' using errcode = 'check_violation',
            constraint = 'house_keeps_an_owner';
    end if;
    return null;
end $$;
create constraint trigger house_keeps_an_owner after update or delete on staff
    deferrable initially deferred for each row when (old.role = 'owner')
    execute function house_keeps_an_owner();
