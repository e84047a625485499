-- A house of many years: about 110 spaces, 100 000 members, and a million bookings up to Monday 23 November 2026,
-- with what they were charged. Written without triggers, whose work is done here for all at once. Whoever wants other
-- numbers sets house.past (how many bookings), house.hours (of a day that each space is booked) and house.last (day).

set session_replication_role = replica;
set maintenance_work_mem = '512MB';

create temp table wanted as
select coalesce(nullif(current_setting('house.past', true), ''), '1000000')::bigint as past,
       coalesce(nullif(current_setting('house.hours', true), ''), '10')::bigint as hours,
       (coalesce(nullif(current_setting('house.last', true), ''), '2026-11-23') || ' 05:00Z')::timestamptz as first_hour;

-- Indexes are made when all is there, which takes a fraction of the time.
create temp table later as
select format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as make,
       format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop
from pg_constraint where contype = 'x' and conrelid = 'occupancies'::regclass
union all
select pg_get_indexdef(i.indexrelid), format('drop index %s', i.indexrelid::regclass)
from pg_index i
where i.indrelid in ('members'::regclass, 'bookings'::regclass, 'occupancies'::regclass, 'ledger_entries'::regclass)
  and not exists (select from pg_constraint where conindid = i.indexrelid);
do $$ declare one record; begin for one in select * from later loop execute one.drop; end loop; end $$;

-- Ids that grow, as those of the house do.
create function pg_temp.id(n bigint, what text) returns uuid language sql immutable as $$
    select (lpad(to_hex(1600000000000 + n), 12, '0') || '7000' || what || lpad(to_hex(n), 12, '0'))::uuid
$$;

insert into spaces (id, location_id, floor_id, policy_id, slug, name, kind, seats, position)
select pg_temp.id(s.position * 100 + n, '8006'), s.location_id, s.floor_id, s.policy_id, s.slug || '-' || n, s.name || ' ' || n, s.kind, 4 + n % 12, 100 + n
from spaces s, generate_series(1, 33) n
where s.slug in ('pier', 'prairie', 'seine');

create function pg_temp.letters(n bigint) returns text language sql immutable as $$
    select string_agg(substr('23456789ABCDEFGHJKLMNPQRSTVWXYZ', (n / (31 ^ place)::bigint % 31)::int + 1, 1), '')
    from generate_series(0, 4) place
$$;
insert into members (id, reference, name, email, phone, created_at)
select pg_temp.id(n, '8001'), 'CM-' || pg_temp.letters(n * 9973 % 28629151),
       initcap(concat(syllables[n % 30 + 1], syllables[n / 30 % 30 + 1], ' ', syllables[n / 7 % 30 + 1], syllables[n / 210 % 30 + 1])),
       'member-' || n || '@example.com', '+2700' || lpad(n::text, 7, '0'), '2024-01-01'
from generate_series(1, 100000) n,
     string_to_array('ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu sa se si so su', ' ') syllables;
insert into accounts (id, member_id) select pg_temp.id(n, '8002'), pg_temp.id(n, '8001') from generate_series(1, 100000) n;

create temp table past as
select n, s.id as space_id, pg_temp.id(n, '8003') as id, 1 + n * 7919 % 100000 as member,
       tstzrange(begins, begins + interval '1 hour') as during,
       case when n % 10 = 3 then 'cancelled' when n % 20 = 7 then 'no_show' else 'completed' end as status
from (select *, (select count(*) from spaces) as spaces from wanted) w
cross join generate_series(0, w.past - 1) n
join (select id, row_number() over (order by slug) - 1 as at from spaces) s on s.at = n % w.spaces
cross join lateral (select w.first_hour - interval '1 day' * (n / w.spaces / w.hours)
                           + interval '1 hour' * (n / w.spaces % w.hours)) t (begins);

insert into bookings (id, reference, space_id, member_id, account_id, created_by, channel, term, during, people, status, price,
                      total_cents, vat_cents, cancellation, terms_version, created_at, confirmed_at, missed_at, cancelled_at,
                      cancellation_reason, kept_cents)
select id, 'CS-' || pg_temp.letters(n * 9973 % 28629151), space_id, pg_temp.id(member, '8001'), pg_temp.id(member, '8002'),
       pg_temp.id(member, '8001'), case when n % 4 = 0 then 'phone' else 'web' end, 'time', during, 2, status,
       '{"lines": [], "vat_basis_points": 1500}', 20000, 2609, '[{"minutes_before": 0, "kept_percent": 0}]', '2026-11',
       lower(during) - interval '3 days', lower(during) - interval '3 days',
       case status when 'no_show' then lower(during) end, case status when 'cancelled' then lower(during) - interval '2 days' end,
       case status when 'cancelled' then 'member' end, case status when 'cancelled' then 0 end
from past;
insert into occupancies (id, space_id, booking_id, active, during, occupies)
select pg_temp.id(n, '8004'), space_id, id, status <> 'cancelled', during, during from past;
insert into ledger_entries (id, account_id, booking_id, kind, cents, description, created_at)
select pg_temp.id(n, '8005'), pg_temp.id(member, '8002'), id, 'charge', 20000, 'A room', lower(during) - interval '3 days' from past;

do $$ declare one record; begin for one in select * from later loop execute one.make; end loop; end $$;

insert into member_stays
select f.member_id, f.begins, f.id, f.space_id, l.begins, l.until, l.id, l.space_id
from (select distinct on (member_id) member_id, lower(during) as begins, id, space_id from bookings
      where is_stay(status) order by member_id, lower(during), id) f
join (select distinct on (member_id) member_id, lower(during) as begins, upper(during) as until, id, space_id from bookings
      where is_stay(status) order by member_id, lower(during) desc, upper(during) desc, id desc) l using (member_id);

drop table past, later, wanted;
reset session_replication_role;
reset maintenance_work_mem;
analyze;
