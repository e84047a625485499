-- Since when a location is closed for good: from that day on it is no hours open in its reports.

alter table locations add closed_on date;

create function location_closes() returns trigger language plpgsql as $$
begin
    if new.status <> 'closed' then
        new.closed_on := null;
    elsif new.closed_on is null then
        new.closed_on := (now() at time zone new.time_zone)::date;
    end if;
    return new;
end $$;
create trigger locations_close before insert or update of status, closed_on on locations
    for each row execute function location_closes();
update locations set closed_on = null where status = 'closed';
