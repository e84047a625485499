-- Who waits for a room or an office to be free, and what was offered to them.

-- So long an offer stands, at the most; nearer to the time less.
alter table booking_policies add column offer_minutes int not null default 120 check (offer_minutes between 10 and 2880);

alter table bookings drop constraint bookings_channel_check,
    add constraint bookings_channel_check check (channel in ('web', 'phone', 'desk', 'api', 'waitlist'));

create table waitlist_entries (
    id             uuid primary key,
    reference      text not null unique check (reference ~ '^WL-[2-9A-HJ-NP-TV-Z]{5}$'),
    member_id      uuid not null references members,
    location_id    uuid not null references locations,
    kind           text not null check (kind in ('meeting_room', 'office')),
    -- Any of the kind there without it.
    space_id       uuid references spaces,
    people         int not null check (people > 0),
    term           text not null check (term in ('time', 'day', 'week', 'month')),
    -- By time this one, or any so long.
    during         tstzrange check (not isempty(during)),
    minutes        int check (minutes > 0),
    -- So many days, weeks or months.
    count          int check (count > 0),
    -- The days that it may be on; of weeks and months those that it may begin on.
    first_day      date not null,
    last_day       date not null check (last_day >= first_day),
    created_at     timestamptz not null default now(),
    -- The hold that is offered.
    offer_id       uuid unique references bookings,
    ended_at       timestamptz,
    ended_because  text check (ended_because in ('booked', 'left', 'declined', 'unanswered', 'over')),
    check ((ended_at is null) = (ended_because is null)),
    check (case term when 'time' then num_nonnulls(during, minutes) = 1 and count is null
                     else count is not null and during is null and minutes is null end)
);
create index waitlist_by_place on waitlist_entries (location_id, kind, created_at) where ended_at is null;
create index waitlist_by_member on waitlist_entries (member_id) where ended_at is null;

-- Who waits, and is offered nothing yet, for each space.
create view waiting as
select w.id as entry_id, s.id as space_id
from waitlist_entries w
join spaces s on s.location_id = w.location_id and s.kind = w.kind and (w.space_id is null or w.space_id = s.id)
where w.ended_at is null and w.offer_id is null;

-- Whatever frees time of a space, of its parts or of a whole with it that somebody waits for, its line is looked at
-- once that is committed.
create function time_is_freed() returns trigger language plpgsql as $$
begin
    if new.active and new.space_id = old.space_id and old.occupies <@ new.occupies then
        return null;
    end if;
    insert into jobs (id, payload, run_at)
    select gen_random_uuid(), jsonb_build_object('kind', 'time_freed', 'space', freed), now()
    from (select old.space_id
          union select part_id from space_parts where whole_id = old.space_id
          union select whole_id from space_parts where part_id = old.space_id) kin (freed)
    where exists (select from waiting where space_id = freed);
    return null;
end $$;
create trigger occupancies_free_time after update of active, space_id, occupies on occupancies
    for each row when (old.active) execute function time_is_freed();
