-- A function in plpgsql keeps the plans of its queries, one in sql makes them anew for each line of the trail.
create or replace function location_touched(subject text, id uuid) returns uuid language plpgsql stable as $$
begin
    case subject
        when 'locations' then return (select l.id from locations l where l.id = location_touched.id);
        when 'spaces' then return (select s.location_id from spaces s where s.id = location_touched.id);
        when 'bookings' then return (select s.location_id from bookings b join spaces s on s.id = b.space_id where b.id = location_touched.id);
        when 'passes' then return (select p.location_id from passes p where p.id = location_touched.id);
        when 'viewings' then return (select v.location_id from viewings v where v.id = location_touched.id);
        when 'questions' then return (select q.location_id from questions q where q.id = location_touched.id);
        when 'members' then return (select m.home_location_id from members m where m.id = location_touched.id);
        else return null;
    end case;
end $$;

-- A month's newcomers and leavers, of many years' members.
create index member_stays_by_first on member_stays (first_space, first_from);
create index member_stays_by_last on member_stays (last_space, last_until);
