//! The reports: who reads them, and that they count what a slow recount by hand counts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Timelike, Utc};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::StatusCode;
use uuid::Uuid;

use crate::support::{House, Person};

const PERIOD: &str = "first=2026-11-27&last=2027-01-10";

/// Managers of Musgrave and Paris, and an owner.
const STAFF: &str = "
    insert into members (id, name, email, email_verified_at)
    select gen_random_uuid(), name, name || '@example.com', now() from unnest(array['musgrave', 'paris', 'owner']) name;
    insert into staff (member_id, role, location_id)
    select m.id, case when l.id is null then 'owner' else 'manager' end, l.id
    from members m left join locations l on l.slug = m.name where m.name in ('musgrave', 'paris', 'owner')";

/// Longer hours from the middle of the period on, a market on a holiday, a day off, a room that comes and
/// one that goes, and closures: of the place over a night, of a room with an open end, one called off, and one
/// reopened early.
const CHANGES: &str = "
    insert into opening_hours (location_id, kind, weekday, opens, closes, valid_from)
    select id, 'access', weekday, '08:00', '21:30', date '2026-12-14' from locations, generate_series(1, 6) weekday
    where slug = 'musgrave';
    insert into hours_exceptions (location_id, on_date, opens, closes, reason)
    select id, day::date, opens::time, closes::time, 'x' from locations, (values
        ('2026-12-16', '10:00', '14:00'), ('2026-12-21', null, null)) as e (day, opens, closes) where slug = 'musgrave';
    update spaces set since = '2026-12-03' where slug = 'pier';
    update spaces set status = 'retired', retired_on = '2026-12-19' where slug = 'dune';
    insert into closures (id, location_id, during, reason, wording)
    select gen_random_uuid(), id, '[2026-12-01 15:20+02, 2026-12-02 09:10+02)', 'pipe', 'x' from locations where slug = 'musgrave';
    insert into closures (id, location_id, space_id, during, reason, wording)
    select gen_random_uuid(), location_id, id, '[2026-12-31 11:00+02,)', 'paint', 'x' from spaces where slug = 'lighthouse';
    insert into closures (id, location_id, space_id, during, reopened_at, reason, wording)
    select gen_random_uuid(), location_id, id, '[2026-12-08 11:00+02,)', '2026-12-07 11:00+02', 'never', 'x' from spaces where slug = 'hall';
    insert into closures (id, location_id, space_id, during, reopened_at, reason, wording)
    select gen_random_uuid(), location_id, id, '[2026-12-08 11:00+02,)', '2026-12-09 12:34+02', 'short', 'x' from spaces where slug = 'desk-1'";

struct Stay {
    space: String,
    /// On the wall in Durban.
    from: NaiveDateTime,
    until: NaiveDateTime,
    made: NaiveDateTime,
    member: usize,
    status: &'static str,
    total: i64,
    vat: i64,
    kept: i64,
}

fn wall(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn utc(wall: NaiveDateTime) -> DateTime<Utc> {
    (wall - Duration::hours(2)).and_utc()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

const STATUSES: [&str; 6] = [
    "confirmed",
    "checked_in",
    "completed",
    "no_show",
    "cancelled",
    "expired",
];
const SPACES: [(&str, &str); 7] = [
    ("desk-1", "Hot desks"),
    ("desk-2", "Hot desks"),
    ("lighthouse", "Meeting rooms"),
    ("pier", "Meeting rooms"),
    ("dune", "Meeting rooms"),
    ("hall", "Meeting rooms"),
    ("office-1", "Offices"),
];

/// Bookings by chance, whose taken times never overlap: short ones, nights, and weeks.
fn stays(seed: u64) -> Vec<Stay> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut stays: Vec<Stay> = Vec::new();
    while stays.len() < 260 {
        let (space, _) = SPACES[dice.random_range(0..SPACES.len())];
        let from =
            wall("2026-11-20T00:00:00") + Duration::minutes(15 * dice.random_range(0..60 * 24 * 4));
        let quarters = match dice.random_range(0..10) {
            0 => 7 * 24 * 4,
            1 => 26 * 4,
            _ => dice.random_range(1..32),
        };
        let until = from + Duration::minutes(15 * quarters);
        let status = STATUSES[dice.random_range(0..STATUSES.len())];
        let takes = |status: &str| !matches!(status, "cancelled" | "expired");
        let clash = |other: &Stay| {
            other.space == space && takes(other.status) && other.from < until && from < other.until
        };
        if takes(status) && stays.iter().any(clash) {
            continue;
        }
        let total = dice.random_range(0..90_000);
        stays.push(Stay {
            space: space.to_owned(),
            from,
            until,
            made: from - Duration::minutes(dice.random_range(1..60 * 24 * 45)),
            member: dice.random_range(0..40),
            status,
            total,
            vat: total * 15 / 115,
            kept: if status == "cancelled" { total / 2 } else { 0 },
        });
    }
    stays
}

async fn enter(house: &House, stays: &[Stay]) {
    house.crowd(40).await;
    let members: Vec<Uuid> =
        sqlx::query_scalar("select id from members where name like 'Member %' order by name")
            .fetch_all(&house.db)
            .await
            .unwrap();
    sqlx::raw_sql("insert into accounts (id, member_id) select gen_random_uuid(), id from members")
        .execute(&house.db)
        .await
        .unwrap();
    for (number, stay) in stays.iter().enumerate() {
        let alphabet = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
        let letter = |place: u32| char::from(alphabet[number / 30_usize.pow(place) % 30]);
        let reference = format!("CS-22{}{}{}", letter(2), letter(1), letter(0));
        sqlx::query(
            "with booked as (
                 insert into bookings (id, reference, space_id, member_id, account_id, created_by, channel, term, during,
                     people, status, price, total_cents, vat_cents, cancellation, terms_version, created_at, confirmed_at,
                     cancelled_at, cancellation_reason, kept_cents, arrived_at, missed_at)
                 select gen_random_uuid(), $1, s.id, $3, a.id, $3, 'web', 'time', tstzrange($4, $5), 1, $6, '{}', $7, $8, '[]',
                     '2026-11', $9, case when $6 <> 'expired' then $9 end,
                     case when $6 = 'cancelled' then $9 end, case when $6 = 'cancelled' then 'member' end,
                     case when $6 = 'cancelled' then $10 end,
                     case when $6 in ('checked_in', 'completed') then $4 end, case when $6 = 'no_show' then $5 end
                 from spaces s, accounts a where s.slug = $2 and a.member_id = $3
                 returning id, space_id, takes_space, during)
             insert into occupancies (id, space_id, booking_id, active, during, occupies)
             select gen_random_uuid(), space_id, id, takes_space, during, during from booked",
        )
        .bind(reference)
        .bind(&stay.space)
        .bind(members[stay.member])
        .bind(utc(stay.from))
        .bind(utc(stay.until))
        .bind(stay.status)
        .bind(stay.total)
        .bind(stay.vat)
        .bind(utc(stay.made))
        .bind(stay.kept)
        .execute(&house.db)
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", stay.space));
    }
}

/// The rows of a report's file, by what its first columns say.
async fn csv(person: &Person, report: &str, names: usize) -> BTreeMap<String, Vec<String>> {
    let page = person
        .get(&format!(
            "/admin/reports/{report}/table.csv?location=musgrave&{PERIOD}"
        ))
        .await;
    assert_eq!(page.status, StatusCode::OK);
    let rows = page
        .html
        .trim_start_matches('\u{feff}')
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            (cells[..names].join("/"), cells[names..].to_vec())
        });
    rows.collect()
}

/// What was open on a minute by the rules as CHANGES has them, written down once more.
fn is_open(space: &str, at: NaiveDateTime) -> bool {
    let (day, clock) = (at.date(), at.format("%H:%M").to_string());
    let between = |from: &str, until: &str| from <= clock.as_str() && clock.as_str() < until;
    let weekday = day.weekday().number_from_monday();
    let hours = match (day.month(), day.day()) {
        (12, 16) => between("10:00", "14:00"),
        (12, 21 | 25 | 26) | (1, 1) => false,
        _ if day >= date("2026-12-14") => weekday <= 6 && between("08:00", "21:30"),
        _ if weekday <= 5 => between("07:00", "19:00"),
        _ => weekday == 6 && between("08:00", "13:00"),
    };
    let during = |from: &str, until: &str| wall(from) <= at && at < wall(until);
    let closed = during("2026-12-01T15:20:00", "2026-12-02T09:10:00")
        || space == "lighthouse" && at >= wall("2026-12-31T11:00:00")
        || space == "desk-1" && during("2026-12-08T11:00:00", "2026-12-09T12:34:00");
    let there = !(space == "pier" && day < date("2026-12-03")
        || space == "dune" && day >= date("2026-12-19"));
    hours && !closed && there
}

fn rounded(part: i64, whole: i64) -> String {
    if whole == 0 {
        "–".into()
    } else {
        format!(
            "{} %",
            (100.0 * part as f64 / whole as f64 + 0.5).floor() as i64
        )
    }
}

fn hours(minutes: i64) -> String {
    format!("{:.1}", (minutes as f64 / 6.0 + 0.5).floor() / 10.0)
}

const COUNTED: [&str; 4] = ["confirmed", "checked_in", "completed", "no_show"];

#[tokio::test]
async fn every_report_counts_what_a_recount_by_hand_counts() {
    // So late that everything is over.
    let house = House::open_at("2027-04-01T06:00:00Z").await;
    house.run(STAFF).await;
    house.run(CHANGES).await;
    let stays = stays(7);
    enter(&house, &stays).await;
    let owner = house.member("owner").await;
    let (first, last) = (date("2026-11-27"), date("2027-01-10"));
    let begins = |stay: &&Stay| (first..=last).contains(&stay.from.date());

    // Use, minute by minute.
    let (mut by_space, mut by_hour) = (BTreeMap::new(), BTreeMap::new());
    let mut minute = first.and_hms_opt(0, 0, 0).unwrap();
    let mut taken: BTreeMap<&str, Vec<&Stay>> = BTreeMap::new();
    for stay in stays.iter().filter(|stay| COUNTED.contains(&stay.status)) {
        taken.entry(&stay.space).or_default().push(stay);
    }
    while minute.date() <= last {
        for (space, _) in SPACES {
            if is_open(space, minute) {
                let here = taken.get(space).into_iter().flatten();
                let booked = i64::from(
                    here.into_iter()
                        .any(|stay| stay.from <= minute && minute < stay.until),
                );
                let key = (minute.hour(), minute.weekday().number_from_monday());
                for (open, used) in [
                    by_space.entry(space).or_insert((0_i64, 0_i64)),
                    by_hour.entry(key).or_insert((0, 0)),
                ]
                .map(|(open, used)| (open, used))
                {
                    *open += 1;
                    *used += booked;
                }
            }
        }
        minute += Duration::minutes(1);
    }
    let names: BTreeMap<String, String> = sqlx::query_as("select slug, name from spaces")
        .fetch_all(&house.db)
        .await
        .unwrap()
        .into_iter()
        .collect();
    let spaces = csv(&owner, "spaces", 2).await;
    for (space, (open, used)) in &by_space {
        let row = &spaces[&format!("{}/Musgrave", names[*space])];
        assert_eq!(
            row[1..],
            [hours(*used), hours(*open), rounded(*used, *open)],
            "{space}"
        );
        assert!(*open > 0 && *used > 0, "{space} tries nothing");
    }
    assert_eq!(spaces.len(), SPACES.len() + 1, "{spaces:?}");
    let week = csv(&owner, "week", 1).await;
    for ((hour, weekday), (open, used)) in &by_hour {
        let cell = &week[&format!("{hour:02}:00")][*weekday as usize - 1];
        assert_eq!(*cell, rounded(*used, *open), "{hour} on {weekday}");
    }
    for (kind, row) in csv(&owner, "kinds", 1).await {
        let of_kind = SPACES.iter().filter(|(_, known)| *known == kind);
        let sums = of_kind.fold((0, 0), |sum, (space, _)| {
            let (open, used) = by_space[space];
            (sum.0 + open, sum.1 + used)
        });
        assert_eq!(
            row,
            [hours(sums.1), hours(sums.0), rounded(sums.1, sums.0)],
            "{kind}"
        );
    }

    // Revenue.
    let money = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
    let revenue = csv(&owner, "revenue", 2).await;
    for kind in ["Hot desks", "Meeting rooms", "Offices"] {
        let (mut count, mut total, mut vat) = (0, 0, 0);
        for stay in stays.iter().filter(begins) {
            if SPACES
                .iter()
                .all(|(space, known)| *space != stay.space || *known != kind)
            {
                continue;
            }
            let (cents, part) = match stay.status {
                "cancelled" if stay.kept > 0 => (
                    stay.kept,
                    (stay.vat as f64 * stay.kept as f64 / stay.total as f64).round() as i64,
                ),
                status if COUNTED.contains(&status) => (stay.total, stay.vat),
                _ => continue,
            };
            (count, total, vat) = (count + 1, total + cents, vat + part);
        }
        let row = &revenue[&format!("Musgrave/{kind}")];
        assert_eq!(
            *row,
            [
                count.to_string(),
                money(total - vat),
                money(vat),
                money(total)
            ],
            "{kind}"
        );
    }

    // Lead time and no-shows.
    let lead = csv(&owner, "lead", 1).await;
    let ahead = |stay: &Stay| (stay.from.date() - stay.made.date()).num_days().max(0);
    let counted: Vec<&Stay> = stays
        .iter()
        .filter(begins)
        .filter(|stay| COUNTED.contains(&stay.status))
        .collect();
    for (label, least, most) in [
        ("The same day", 0, 0),
        ("The day before", 1, 1),
        ("2 to 3 days", 2, 3),
        ("4 to 7 days", 4, 7),
        ("8 to 14 days", 8, 14),
        ("15 to 30 days", 15, 30),
        ("Longer", 31, 9999),
    ] {
        let count = counted
            .iter()
            .filter(|stay| (least..=most).contains(&ahead(stay)))
            .count();
        assert_eq!(lead[label][3], count.to_string(), "{label}");
    }
    let missed = csv(&owner, "no-shows", 2).await;
    let gone = counted
        .iter()
        .filter(|stay| stay.status == "no_show")
        .count();
    assert_eq!(
        missed["All/"][..2],
        [gone.to_string(), counted.len().to_string()]
    );

    // Members.
    let mut months: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for member in 0..40 {
        let own: Vec<&Stay> = stays
            .iter()
            .filter(|stay| stay.member == member && COUNTED.contains(&stay.status))
            .collect();
        let Some(first_one) = own.iter().map(|stay| stay.from).min() else {
            continue;
        };
        let last_one = own
            .iter()
            .max_by_key(|stay| (stay.from, stay.until))
            .unwrap();
        let lost = (last_one.until + Duration::days(60)).date();
        for (day, new) in [(first_one.date(), true), (lost, false)] {
            if (first..=last).contains(&day) {
                let month = months.entry(day.format("%B %Y").to_string()).or_default();
                if new { month.0 += 1 } else { month.1 += 1 }
            }
        }
    }
    let members = csv(&owner, "members", 1).await;
    let listed: BTreeSet<&str> = members.keys().map(String::as_str).collect();
    assert!(listed.is_superset(&BTreeSet::from([
        "November 2026",
        "December 2026",
        "January 2027"
    ])));
    for (month, row) in members.iter().filter(|(month, _)| *month != "All") {
        let (new, lost) = months.get(month).copied().unwrap_or_default();
        assert_eq!(row[..2], [new.to_string(), lost.to_string()], "{month}");
    }

    // Each bar stands beside its label.
    let page = owner
        .get(&format!("/admin/reports?location=musgrave&{PERIOD}"))
        .await;
    let (mut label, mut bars) = (0, BTreeSet::new());
    for drawn in page.html.split('<') {
        let y = drawn
            .split(" y=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let Some(y) = y.and_then(|y| y.parse::<i64>().ok()) else {
            continue;
        };
        if drawn.starts_with("text ") && drawn.contains("text-anchor=\"end\"") {
            label = y;
        } else if drawn.starts_with("rect class=\"s") {
            assert_eq!(y + 15, label, "{drawn}");
            bars.insert(y);
        }
    }
    assert!(bars.len() > 3, "{bars:?}");
}

/// Members whose first or last stay is not what all bookings say.
const MISCOUNTED: &str = "
    select count(*) from (
        select member_id, lower(during) as first_from, id as first_booking, space_id as first_space,
               l.last_from, l.last_until, l.last_booking, l.last_space
        from (select distinct on (member_id) * from bookings
              where status in ('confirmed', 'checked_in', 'completed', 'no_show') order by member_id, lower(during), id) f
        join (select distinct on (member_id) member_id, lower(during) as last_from, upper(during) as last_until,
                     id as last_booking, space_id as last_space
              from bookings where status in ('confirmed', 'checked_in', 'completed', 'no_show')
              order by member_id, lower(during) desc, upper(during) desc, id desc) l using (member_id)) naive
    full join member_stays m using (member_id)
    where (m.first_from, m.first_booking, m.first_space, m.last_from, m.last_until, m.last_booking, m.last_space)
          is distinct from (naive.first_from, naive.first_booking, naive.first_space, naive.last_from, naive.last_until,
                            naive.last_booking, naive.last_space)";

#[tokio::test]
async fn who_came_first_and_last_follows_what_becomes_of_bookings() {
    let house = House::open().await;
    enter(&house, &stays(11)).await;
    let miscounted = async || house.one::<i64>(MISCOUNTED).await;
    assert_eq!(miscounted().await, 0);
    assert!(house.one::<i64>("select count(*) from member_stays").await > 20);
    house.run("delete from occupancies").await;
    for change in [
        "update bookings set status = 'cancelled', cancelled_at = now(), cancellation_reason = 'us'
         where status = 'completed' and right(reference, 1) < 'H'",
        "update bookings set during = tstzrange(lower(during) - interval '90 days', upper(during) - interval '90 days')
         where right(reference, 1) between 'J' and 'N'",
        "update bookings set during = tstzrange(lower(during), lower(during) + interval '5 minutes') where right(reference, 1) = '3'",
        "update bookings set space_id = (select id from spaces where slug = 'hall') where right(reference, 1) > 'W'",
        "update bookings set status = 'confirmed', confirmed_at = now(), cancelled_at = null, cancellation_reason = null
         where status = 'cancelled' and right(reference, 1) between '4' and '9'",
        "update bookings set member_id = (select min(id::text)::uuid from members where name like 'Member %')
         where right(reference, 1) between 'P' and 'S'",
        "update bookings set status = 'no_show', missed_at = now() where status = 'confirmed'",
        "update bookings set status = 'expired', missed_at = null, cancelled_at = null, cancellation_reason = null",
    ] {
        house.run(change).await;
        assert_eq!(miscounted().await, 0, "{change}");
    }
    assert_eq!(
        house.one::<i64>("select count(*) from member_stays").await,
        0
    );
}

#[tokio::test]
async fn managers_read_of_their_location_and_nobody_else_reads_at_all() {
    let house = House::open().await;
    house.run(STAFF).await;
    let (manager, owner) = (house.member("musgrave").await, house.member("owner").await);
    let own = manager.get("/admin/reports").await;
    assert_eq!(own.status, StatusCode::OK);
    assert!(
        own.says("Lighthouse") && !own.says("Prairie"),
        "{}",
        own.text()
    );
    for path in [
        "/admin/reports?location=paris",
        "/admin/reports/spaces/table.csv?location=chicago",
        "/admin/reports?location=nowhere",
        "/admin/reports/nothing/table.csv",
    ] {
        assert_eq!(
            manager.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        house
            .member("nomsa")
            .await
            .get("/admin/reports")
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert!(owner.get("/admin/reports").await.says("Prairie"));
    let one = owner.get("/admin/reports?location=paris").await;
    assert!(one.says("Seine") && !one.says("Prairie"));
    // Whatever is typed, something sensible is shown.
    for period in [
        "first=2027-01-01&last=2026-01-01",
        "first=x&last=y",
        "first=1900-01-01&last=2900-01-01",
    ] {
        assert_eq!(
            owner.get(&format!("/admin/reports?{period}")).await.status,
            StatusCode::OK,
            "{period}"
        );
    }
}
