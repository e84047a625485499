-- A small house to write tests in: what each space is for is in its policy's name.

update installation set vat_registered = true, operator = 'The test house', managers_need_second_step = false;
insert into vat_rates values ('2018-04-01', 1500);

insert into locations (id, slug, name, position, time_zone, holidays, address, gate) values
    (gen_random_uuid(), 'musgrave', 'Musgrave', 1, 'Africa/Johannesburg', 'closed', '1 Sample Street', 'Ring at the gate.'),
    (gen_random_uuid(), 'chicago', 'Chicago', 2, 'America/Chicago', 'normal', '2 Sample Street', ''),
    (gen_random_uuid(), 'paris', 'Paris', 3, 'Europe/Paris', 'normal', '3 Sample Street', '');

insert into floors (id, location_id, name, level)
select gen_random_uuid(), id, 'Ground floor', 0 from locations;

-- Musgrave on weekdays and Saturday mornings, Chicago by day, Paris around the clock.
insert into opening_hours (location_id, kind, weekday, opens, closes)
select id, 'access', weekday, opens::time, closes::time
from locations join (
    select 'musgrave' as slug, weekday, '07:00' as opens, '19:00' as closes from generate_series(1, 5) weekday
    union all select 'musgrave', 6, '08:00', '13:00'
    union all select 'chicago', weekday, '08:00', '18:00' from generate_series(1, 7) weekday
    union all select 'paris', weekday, '00:00', '00:00' from generate_series(1, 7) weekday
) hours using (slug);

insert into booking_policies (id, name, step_minutes, min_minutes, max_minutes, max_advance_days,
                              by_time, by_day, by_week, by_month, setup_minutes, turnaround_minutes, cancellation)
select gen_random_uuid(), name, step, least, most, ahead, by_time, by_day, name = 'offices', name = 'offices', setup, turnaround,
       '[{"minutes_before": 1440, "kept_percent": 0}, {"minutes_before": 120, "kept_percent": 50}, {"minutes_before": 0, "kept_percent": 100}]'
from (values
    ('desks',                     15, 15, 1440,  30, true,  true,  0,  0),
    ('rooms',                     15, 15, 720,   90, true,  false, 0,  0),
    ('rooms with turnaround',     15, 15, 720,   90, true,  false, 0,  15),
    ('halls: 3 to 4 hours',       15, 180, 240,  90, true,  false, 30, 15),
    ('offices',                   60, 60, 1440, 365, false, true,  0,  0)
) as policy (name, step, least, most, ahead, by_time, by_day, setup, turnaround);

insert into spaces (id, location_id, floor_id, policy_id, slug, name, kind, seats, position)
select gen_random_uuid(), l.id, f.id, p.id, s.slug, s.name, s.kind, s.seats, s.position
from (values
    (1, 'musgrave', 'desks',                 'desk-1',       'Desk 1',       'hot_desk',     1),
    (2, 'musgrave', 'desks',                 'desk-2',       'Desk 2',       'hot_desk',     1),
    (3, 'musgrave', 'rooms',                 'lighthouse',   'Lighthouse',   'meeting_room', 6),
    (4, 'musgrave', 'rooms',                 'pier',         'Pier',         'meeting_room', 6),
    (5, 'musgrave', 'rooms with turnaround', 'dune',         'Dune',         'meeting_room', 8),
    (6, 'musgrave', 'halls: 3 to 4 hours',   'hall',         'Hall',         'meeting_room', 30),
    (7, 'musgrave', 'offices',               'office-1',     'Office 1',     'office',       4),
    (8, 'chicago',  'rooms',                 'prairie',      'Prairie',      'meeting_room', 6),
    (9, 'chicago',  'desks',                 'chicago-desk', 'Chicago desk', 'hot_desk',     1),
    (10, 'paris',   'rooms',                 'seine',        'Seine',        'meeting_room', 6),
    (11, 'paris',   'desks',                 'paris-desk',   'Paris desk',   'hot_desk',     1)
) as s (position, location, policy, slug, name, kind, seats)
join locations l on l.slug = s.location
join floors f on f.location_id = l.id
join booking_policies p on p.name = s.policy;

insert into rates (id, location_id, kind, unit, cents, valid_from)
select gen_random_uuid(), l.id, kind, unit, cents, '2020-01-01'
from locations l cross join (values
    ('hot_desk', 'hour', 6000), ('hot_desk', 'day', 22000), ('meeting_room', 'hour', 20000), ('office', 'day', 65000),
    ('office', 'week', 260000), ('office', 'month', 780000)
) as rate (kind, unit, cents);

insert into members (id, name, email, phone, email_verified_at) values
    (gen_random_uuid(), 'Thandeka Mkhize', 'thandeka@example.com', '+27820000001', now()),
    (gen_random_uuid(), 'Sipho Dlamini', 'sipho@example.com', '+27820000002', now()),
    (gen_random_uuid(), 'Priya Naidoo', 'priya@example.com', '+27820000003', now()),
    (gen_random_uuid(), 'Nomsa Khumalo', 'nomsa@example.com', '+27820000004', now());

-- Thandeka and Sipho work together, Priya elsewhere; Nomsa is at the front desk.
insert into companies (id, name) values (gen_random_uuid(), 'Umoya Designs');
insert into company_people (company_id, member_id, role)
select c.id, m.id, role from companies c, members m
join (values ('thandeka@example.com', 'admin'), ('sipho@example.com', 'booker')) as people (email, role) using (email);
insert into staff (member_id, role) select id, 'receptionist' from members where email = 'nomsa@example.com';

insert into pass_products (id, slug, name, location_id, unit, days, cents, cap, sold_from, position)
select gen_random_uuid(), p.slug, p.name, l.id, unit, days, cents, cap, '2020-01-01', row_number() over ()
from (values
    ('musgrave-week',     'Week pass',           'musgrave', 'week',  5,            75000,  null),
    ('musgrave-month',    'Month pass',          'musgrave', 'month', null,         230000, null),
    ('musgrave-ten',      '10-day month pass',   'musgrave', 'month', 10,           150000, null),
    ('musgrave-three',    '3-day month pass',    'musgrave', 'month', 3,            60000,  3),
    ('everywhere-month',  'Month pass',          null,       'month', null::int,    340000, null::int)
) as p (slug, name, location, unit, days, cents, cap)
left join locations l on l.slug = p.location;
