-- What the past lacks: Musgrave open on every day, and 300 bookings of an hour in its 40 spaces on the day under test
-- (house.day), three for each of the first hundred members. Follows million.sql on the same connection.

update locations set holidays = 'normal';
delete from opening_hours where location_id = (select id from locations where slug = 'musgrave');
insert into opening_hours (location_id, kind, weekday, opens, closes)
select id, 'access', weekday, '07:00', '19:00' from locations, generate_series(1, 7) weekday where slug = 'musgrave';
update staff set role = 'owner', location_id = null;

with places as (
    select s.id, row_number() over (order by s.slug) - 1 as at
    from spaces s join locations l on l.id = s.location_id where l.slug = 'musgrave'
), wanted as (
    select gen_random_uuid() as id, p.id as space, n, 1 + n % 100 as member,
           tstzrange(begins, begins + interval '1 hour') as during
    from generate_series(0::bigint, 299) n join places p on p.at = n % 40
    cross join lateral (select (current_setting('house.day') || ' 06:00Z')::timestamptz + n / 40 * interval '1 hour') t (begins)
), made as (
    insert into bookings (id, reference, space_id, member_id, account_id, created_by, channel, term, during, people, status,
                          price, total_cents, vat_cents, cancellation, terms_version, confirmed_at)
    select id, 'CS-' || pg_temp.letters((2000000 + n) * 9973 % 28629151), space, pg_temp.id(member, '8001'),
           pg_temp.id(member, '8002'), pg_temp.id(member, '8001'), 'web', 'time', during, 2, 'confirmed',
           '{"lines": [], "vat_basis_points": 1500}', 20000, 2609, '[{"minutes_before": 0, "kept_percent": 0}]', '2026-11', now()
    from wanted
    returning id, space_id, during
)
insert into occupancies (id, space_id, booking_id, active, during, occupies)
select gen_random_uuid(), space_id, id, true, during, during from made;
