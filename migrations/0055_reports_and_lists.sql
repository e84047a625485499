-- What reports and lists read at a million bookings.

-- Of each booking that begins in a period all that reports count, and of a space the newest of a kind: read from
-- the index alone.
drop index bookings_by_space;
create index bookings_by_space on bookings (space_id, lower(during), id)
    include (during, status, created_at, confirmed_at, total_cents, vat_cents, kept_cents);
drop index bookings_by_member;
create index bookings_by_member on bookings (member_id, lower(during), id) include (during, status);
-- The same for the time that is taken of each space.
create index occupancies_in_reports on occupancies (space_id, lower(during)) include (during)
    where active and held_until is null;
-- By when they were made, of one space.
create index bookings_of_space on bookings (space_id, id);

create function is_stay(status text) returns boolean language sql immutable parallel safe
return status in ('confirmed', 'checked_in', 'completed', 'no_show');

-- When each member came first, and when they came last: who is new, and who stays away. Kept by triggers.
create table member_stays (
    member_id      uuid primary key references members,
    first_from     timestamptz not null,
    first_booking  uuid not null,
    first_space    uuid not null references spaces,
    last_from      timestamptz not null,
    last_until     timestamptz not null,
    last_booking   uuid not null,
    last_space     uuid not null references spaces
);

-- What only adds to what is known needs no look back. Two at once wait for each other at the row.
create function add_stay(b bookings) returns void language sql as $$
    insert into member_stays as m
    values (b.member_id, lower(b.during), b.id, b.space_id, lower(b.during), upper(b.during), b.id, b.space_id)
    on conflict (member_id) do update set
        (first_from, first_booking, first_space) = (
            select * from (values (m.first_from, m.first_booking, m.first_space),
                                  (excluded.first_from, excluded.first_booking, excluded.first_space)) v (begins, id, space)
            order by begins, id limit 1),
        (last_from, last_until, last_booking, last_space) = (
            select * from (values (m.last_from, m.last_until, m.last_booking, m.last_space),
                                  (excluded.last_from, excluded.last_until, excluded.last_booking, excluded.last_space))
                          v (begins, until, id, space)
            order by begins desc, until desc, id desc limit 1)
$$;

create function count_stays(member uuid) returns void language plpgsql as $$
begin
    -- Whoever is at it is waited for, so that what they have done is counted too.
    perform from member_stays where member_id = member for update;
    delete from member_stays where member_id = member;
    insert into member_stays
    select member, f.begins, f.id, f.space_id, l.begins, l.until, l.id, l.space_id
    from (select lower(during) as begins, id, space_id from bookings
          where member_id = member and is_stay(status) order by lower(during), id limit 1) f,
         (select lower(during) as begins, upper(during) as until, id, space_id from bookings
          where member_id = member and is_stay(status)
          order by lower(during) desc, upper(during) desc, id desc limit 1) l;
end $$;

create function booking_is_a_stay() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and is_stay(old.status) then
        perform count_stays(old.member_id);
    end if;
    if is_stay(new.status) then
        perform add_stay(new);
    end if;
    return null;
end $$;
create trigger bookings_begin_stays after insert on bookings
    for each row when (is_stay(new.status)) execute function booking_is_a_stay();
create trigger bookings_change_stays after update of status, member_id, space_id, during on bookings
    for each row when (is_stay(old.status) <> is_stay(new.status)
                       or is_stay(new.status) and (old.member_id, old.space_id, old.during)
                                                  is distinct from (new.member_id, new.space_id, new.during))
    execute function booking_is_a_stay();

insert into member_stays
select f.member_id, f.begins, f.id, f.space_id, l.begins, l.until, l.id, l.space_id
from (select distinct on (member_id) member_id, lower(during) as begins, id, space_id from bookings
      where is_stay(status) order by member_id, lower(during), id) f
join (select distinct on (member_id) member_id, lower(during) as begins, upper(during) as until, id, space_id from bookings
      where is_stay(status) order by member_id, lower(during) desc, upper(during) desc, id desc) l using (member_id);
