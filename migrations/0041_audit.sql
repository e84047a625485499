-- From where each change came, and which location it touches.

alter table audit_events add channel text not null default 'house' check (channel in ('page', 'api', 'command', 'house'));
-- An IPv4 address, or the first half of an IPv6 address; empty where nobody came over a network.
alter table audit_events add network text not null default '';
-- Found by what was changed; null where it belongs to no location.
alter table audit_events add location_id uuid references locations;

create function location_touched(subject text, id uuid) returns uuid language sql stable
return case subject
    when 'locations' then (select l.id from locations l where l.id = location_touched.id)
    when 'spaces' then (select s.location_id from spaces s where s.id = location_touched.id)
    when 'bookings' then (select s.location_id from bookings b join spaces s on s.id = b.space_id where b.id = location_touched.id)
    when 'passes' then (select p.location_id from passes p where p.id = location_touched.id)
    when 'viewings' then (select v.location_id from viewings v where v.id = location_touched.id)
    when 'questions' then (select q.location_id from questions q where q.id = location_touched.id)
    when 'members' then (select m.home_location_id from members m where m.id = location_touched.id)
end;

create function audit_finds_its_location() returns trigger language plpgsql as $$
begin
    new.location_id := coalesce((select l.id from locations l where l.slug = new.detail ->> 'location'),
                                location_touched(new.subject, new.subject_id));
    return new;
end $$;
create trigger audit_finds_its_location before insert on audit_events
    for each row execute function audit_finds_its_location();

drop index audit_by_subject;
create index audit_by_subject on audit_events (subject_id, id);
create index audit_by_location on audit_events (location_id, id);
create index audit_by_actor on audit_events (actor_id, id);
create index audit_by_verb on audit_events (verb, id);
