-- Tells every open page that something has changed: where and when, and nothing of whom.

create function notify_live(place uuid, space uuid, during tstzrange) returns void language sql as $$
    select pg_notify('live', json_build_object(
        'location', place, 'space', space, 'from', lower(during), 'until', upper(during))::text)
$$;

create function booking_is_live() returns trigger language plpgsql as $$
begin
    perform notify_live(location_id, id, new.during) from spaces where id = new.space_id;
    if tg_op = 'UPDATE' and (old.space_id, old.during) is distinct from (new.space_id, new.during) then
        perform notify_live(location_id, id, old.during) from spaces where id = old.space_id;
    end if;
    return null;
end $$;
create trigger bookings_are_live after insert or update on bookings
    for each row execute function booking_is_live();

create function closure_is_live() returns trigger language plpgsql as $$
begin
    if tg_op <> 'DELETE' then
        perform notify_live(new.location_id, new.space_id, new.during);
    end if;
    if tg_op <> 'INSERT' then
        perform notify_live(old.location_id, old.space_id, old.during);
    end if;
    return null;
end $$;
create trigger closures_are_live after insert or update or delete on closures
    for each row execute function closure_is_live();
