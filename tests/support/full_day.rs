//! A day as full as days get.

use super::House;

/// 33 more rooms in Musgrave, and 300 bookings of an hour in its 40 spaces.
pub async fn fill(house: &House) {
    house
        .run(
            "insert into spaces (id, location_id, floor_id, policy_id, slug, name, kind, seats, position)
             select gen_random_uuid(), s.location_id, s.floor_id, s.policy_id, 'room-' || n, 'Room ' || n, 'meeting_room', 6, 100 + n
             from spaces s, generate_series(1, 33) n where s.slug = 'pier';
             insert into accounts (id, member_id) select gen_random_uuid(), id from members where email = 'thandeka@example.com'
             on conflict do nothing;
             with places as (select s.id, row_number() over (order by s.slug) as n from spaces s join locations l on l.id = s.location_id
                             where l.slug = 'musgrave'),
             wanted as (select gen_random_uuid() as id, p.id as space, p.n, hour from places p, generate_series(0, 7) hour
                        order by hour, p.n limit 300),
             made as (insert into bookings (id, reference, space_id, member_id, account_id, created_by, channel, term, during, people, status,
                          price, total_cents, vat_cents, cancellation, terms_version, confirmed_at)
                      select w.id, 'CS-' || translate(lpad(to_hex(n * 16 + hour), 5, '0'), '01abcdef', 'GHABCDEF'), w.space, m.id, a.id, m.id, 'web', 'time',
                          tstzrange('2026-11-24 06:00Z'::timestamptz + hour * interval '1 hour', '2026-11-24 07:00Z'::timestamptz + hour * interval '1 hour'),
                          2, 'confirmed', '{\"lines\": [], \"vat_basis_points\": 1500}', 0, 0, '[{\"minutes_before\": 0, \"kept_percent\": 0}]', '2026-11', now()
                      from wanted w, members m join accounts a on a.member_id = m.id where m.email = 'thandeka@example.com'
                      returning id, space_id, during)
             insert into occupancies (id, space_id, booking_id, active, during, occupies)
             select gen_random_uuid(), space_id, id, true, during, during from made",
        )
        .await;
}
