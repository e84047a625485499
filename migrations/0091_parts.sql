-- Rooms that can be divided, and offices with desks in them: a whole and its parts block each other.

create table space_parts (
    whole_id  uuid not null references spaces,
    part_id   uuid not null references spaces,
    primary key (whole_id, part_id),
    check (whole_id <> part_id)
);
create index space_parts_by_part on space_parts (part_id);

-- No part has parts, and all are at one location. Looked at one after the other, or two at once would not see
-- each other.
create function parts_have_no_parts() returns trigger language plpgsql as $$
begin
    perform from spaces where id in (new.whole_id, new.part_id) order by id for no key update;
    if exists (select from space_parts where whole_id = new.part_id or part_id = new.whole_id) then
        raise exception 'a part has parts' using errcode = 'check_violation', constraint = 'parts_have_no_parts';
    end if;
    if (select count(distinct location_id) from spaces where id in (new.whole_id, new.part_id)) > 1 then
        raise exception 'a part stands elsewhere' using errcode = 'check_violation', constraint = 'parts_are_at_one_location';
    end if;
    return new;
end $$;
create trigger parts_have_no_parts before insert or update on space_parts
    for each row execute function parts_have_no_parts();

-- The pieces that a space takes: its parts, or itself where it is a part. None for all others, which the ledger's
-- own constraint guards.
create function pieces(space uuid) returns setof uuid language sql stable as $$
    select part_id from space_parts where whole_id = space
    union
    select part_id from space_parts where part_id = space
$$;

-- The ledger of time, piece by piece: written by triggers whatever path writes the ledger. The exclusion constraint
-- is the proof that a whole and its parts are never booked at once.
create table part_occupancies (
    occupancy_id  uuid not null references occupancies on delete cascade,
    space_id      uuid not null references spaces,
    active        boolean not null,
    occupies      tstzrange not null,
    primary key (occupancy_id, space_id),
    constraint parts_never_overlap
        exclude using gist (space_id with =, occupies with &&) where (active)
);

create function occupancy_takes_pieces() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if new.space_id = old.space_id then
            update part_occupancies set active = new.active, occupies = new.occupies where occupancy_id = new.id;
            return null;
        end if;
        delete from part_occupancies where occupancy_id = new.id;
    end if;
    insert into part_occupancies (occupancy_id, space_id, active, occupies)
    select new.id, piece, new.active, new.occupies from pieces(new.space_id) piece;
    return null;
end $$;
create trigger occupancies_take_pieces after insert or update of space_id, active, occupies on occupancies
    for each row execute function occupancy_takes_pieces();

-- When a space gets other parts, what is booked ahead takes other pieces. What clashes is refused.
create function parts_take_time() returns trigger language plpgsql as $$
declare
    whole uuid := coalesce(new.whole_id, old.whole_id);
    part uuid := coalesce(new.part_id, old.part_id);
begin
    delete from part_occupancies p using occupancies o where o.id = p.occupancy_id and o.space_id in (whole, part);
    insert into part_occupancies (occupancy_id, space_id, active, occupies)
    select o.id, piece, o.active, o.occupies
    from occupancies o cross join lateral pieces(o.space_id) piece
    where o.space_id in (whole, part) and o.active and upper(o.occupies) > now();
    return null;
end $$;
create trigger parts_take_time after insert or delete on space_parts
    for each row execute function parts_take_time();

-- A space that is closed closes the whole that it belongs to, and its parts.
create or replace view closed_spaces as
select c.id as closure_id, s.id as space_id
from closures c
join spaces s on s.location_id = c.location_id
             and (c.floor_id is null or c.floor_id = s.floor_id)
             and (c.zone_id is null or c.zone_id = s.zone_id)
             and (c.space_id is null or c.space_id = s.id
                  or exists (select from space_parts p
                             where p.whole_id = s.id and p.part_id = c.space_id or p.whole_id = c.space_id and p.part_id = s.id));

-- What is booked of a whole is heard where its parts are looked at, and the other way round.
create function kin_is_live() returns trigger language plpgsql as $$
begin
    perform notify_live(s.location_id, s.id, new.during)
    from spaces s
    where s.id in (select part_id from space_parts where whole_id = new.space_id
                   union select whole_id from space_parts where part_id = new.space_id);
    if tg_op = 'UPDATE' and (old.space_id, old.during) is distinct from (new.space_id, new.during) then
        perform notify_live(s.location_id, s.id, old.during)
        from spaces s
        where s.id in (select part_id from space_parts where whole_id = old.space_id
                       union select whole_id from space_parts where part_id = old.space_id);
    end if;
    return null;
end $$;
create trigger kin_is_live after insert or update on bookings
    for each row execute function kin_is_live();
