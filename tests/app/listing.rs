//! The list of bookings: finding, filtering, paging, the file and the sheet of a day.

use reqwest::StatusCode;

use crate::support::{House, Person};

/// Bookings of Thandeka's, an hour each, one after the other.
const MANY: &str = "
    insert into accounts (id, member_id) select gen_random_uuid(), id from members on conflict do nothing;
    insert into bookings (id, reference, space_id, member_id, account_id, created_by, channel, term, during, people, status,
                          confirmed_at, price, total_cents, vat_cents, cancellation, terms_version)
    select gen_random_uuid(), 'CS-' || translate((30000 + n)::text, '01', 'AB'), s.id, m.id, a.id, m.id, 'web', 'time',
           tstzrange('2026-11-25T05:00Z'::timestamptz + n * interval '1 hour', '2026-11-25T06:00Z'::timestamptz + n * interval '1 hour'),
           2, 'confirmed', now(), '{\"lines\": [], \"vat_basis_points\": 1500, \"reason\": null}', 20000, 2609, '[]', (select terms_version from installation)
    from generate_series(1, 120) n, spaces s, members m join accounts a on a.member_id = m.id
    where s.slug = 'pier' and m.name = 'Thandeka Mkhize';
    insert into occupancies (id, space_id, booking_id, active, during, occupies)
    select gen_random_uuid(), space_id, id, true, during, during from bookings";

#[tokio::test]
async fn bookings_are_found_by_reference_name_company_phone_and_space() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", "2026-11-25", "09:00", "10:00").await;
    let priya = house.member("priya").await;
    priya.book("dune", "2026-11-25", "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    for words in [
        reference.as_str(),
        &reference[3..],
        &reference[..5],
        "thand",
        "mkhize",
        "umoya",
        "0001",
        "082 000 0001",
        "pier",
        "pier musg",
    ] {
        let query = connect_space::html::query(&[("q", words)]);
        let page = nomsa.get(&format!("/admin/bookings?{query}")).await;
        assert!(page.says(&reference), "{words}: {}", page.text());
        assert!(!page.says("Dune"), "{words}: {}", page.text());
    }
    let none = nomsa.get("/admin/bookings?q=zebra").await;
    assert!(none.says("No booking is like that"), "{}", none.text());
    let filters = [
        ("location=musgrave", true),
        ("location=paris", false),
        ("kind=meeting_room", true),
        ("kind=office", false),
        ("status=confirmed", true),
        ("status=no_show", false),
        ("first=2026-11-25&last=2026-11-25", true),
        ("first=2026-11-26", false),
        ("last=2026-11-24", false),
        ("channel=web", true),
        ("channel=phone", false),
    ];
    for (query, is_there) in filters {
        let page = nomsa.get(&format!("/admin/bookings?{query}")).await;
        assert_eq!(page.says(&reference), is_there, "{query}: {}", page.text());
    }
    assert_eq!(
        thandeka.get("/admin/bookings").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_or_a_repeat() {
    let house = House::open().await;
    house.run(MANY).await;
    let nomsa = house.member("nomsa").await;
    for sort in ["start", "latest", "booked"] {
        let seen = all_pages(&nomsa, format!("/admin/bookings?sort={sort}")).await;
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!((seen.len(), once.len()), (120, 120), "{sort}");
    }
}

/// The references on all pages from an address on, in their order.
async fn all_pages(person: &Person, address: String) -> Vec<String> {
    let (mut seen, mut next) = (Vec::new(), Some(address));
    while let Some(address) = next {
        let page = person.get(&address).await;
        let links = page.links();
        let rows = links
            .iter()
            .filter_map(|link| link.split("/bookings/").nth(1));
        seen.extend(
            rows.filter(|reference| reference.starts_with("CS-"))
                .map(str::to_owned),
        );
        next = links.into_iter().find(|link| link.contains("after="));
    }
    seen
}

#[tokio::test]
async fn what_words_name_is_found_in_the_same_order_page_by_page() {
    let house = House::open().await;
    house.run(MANY).await;
    // Others of the same minute, elsewhere and by somebody else.
    house
        .run("insert into bookings (id, reference, space_id, member_id, account_id, created_by, channel, term, during, people, status,
                                    confirmed_at, price, total_cents, vat_cents, cancellation, terms_version)
              select gen_random_uuid(), 'CS-' || translate((40000 + row_number() over ())::text, '01', 'AB'), s.id, m.id, a.id, m.id,
                     'phone', 'time', b.during, 2, 'confirmed', now(), b.price, 20000, 2609, '[]', b.terms_version
              from bookings b, spaces s, members m join accounts a on a.member_id = m.id
              where s.slug in ('dune', 'hall') and m.name = 'Priya Naidoo'")
        .await;
    let nomsa = house.member("nomsa").await;
    for (words, count) in [
        ("pier", 120),
        ("musgrave", 360),
        ("thandeka", 120),
        ("priya", 240),
    ] {
        for (sort, ids) in [
            (
                "start",
                "select string_agg(reference, ' ' order by lower(during), id) from bookings",
            ),
            (
                "latest",
                "select string_agg(reference, ' ' order by lower(during) desc, id desc) from bookings",
            ),
            (
                "booked",
                "select string_agg(reference, ' ' order by id desc) from bookings",
            ),
        ] {
            let all: String = house.one(ids).await;
            let seen = all_pages(&nomsa, format!("/admin/bookings?q={words}&sort={sort}")).await;
            let wanted: Vec<&str> = all
                .split(' ')
                .filter(|reference| seen.iter().any(|one| one == reference))
                .collect();
            assert_eq!(seen.len(), count, "{words} by {sort}");
            assert_eq!(seen, wanted, "{words} by {sort}");
        }
    }
    for (filters, count) in [
        ("q=pier&location=paris", 0),
        ("q=musgrave&location=musgrave&kind=meeting_room", 360),
        ("q=musgrave&status=confirmed&sort=latest", 360),
        ("q=musgrave&status=no_show", 0),
        ("q=musgrave&channel=phone&sort=latest", 240),
        ("q=priya&first=2026-11-26&last=2026-11-26&sort=booked", 48),
    ] {
        let seen = all_pages(&nomsa, format!("/admin/bookings?{filters}")).await;
        assert_eq!(seen.len(), count, "{filters}");
    }
}

#[tokio::test]
async fn the_file_is_for_managers_and_says_nothing_of_other_locations() {
    let house = House::open().await;
    house.run(MANY).await;
    house
        .run("insert into members (id, name, email) values (gen_random_uuid(), 'Manager', 'manager-here@example.com'),
                (gen_random_uuid(), 'Elsewhere', 'manager-elsewhere@example.com'), (gen_random_uuid(), 'Owner', 'owner@example.com');
              insert into staff (member_id, role, location_id)
              select m.id, case m.name when 'Owner' then 'owner' else 'manager' end, l.id from members m
              left join locations l on l.slug = case m.name when 'Manager' then 'musgrave' when 'Elsewhere' then 'paris' end
              where m.name in ('Manager', 'Elsewhere', 'Owner');
              update bookings set title = '=1+1' where reference = (select min(reference) from bookings)")
        .await;
    let nomsa = house.member("nomsa").await;
    let address = "/admin/bookings/export.csv?sort=start";
    assert_eq!(nomsa.get(address).await.status, StatusCode::NOT_FOUND);
    for (name, lines) in [
        ("manager-here", 121),
        ("manager-elsewhere", 1),
        ("owner", 121),
    ] {
        let file = house.member(name).await.get(address).await;
        assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(file.html.lines().count(), lines, "{name}");
        assert!(!file.html.contains(",=1+1"), "no formula");
        assert_eq!(file.html.contains(",'=1+1"), lines > 1);
    }
}

#[tokio::test]
async fn the_sheet_of_a_day_has_phones_set_up_and_notes() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", "2026-11-25", "09:00", "10:30").await;
    house
        .run("update bookings set notes = 'Rooibos for four', title = 'Board', contact_name = 'Ayanda', contact_phone = '+27820000005'")
        .await;
    let nomsa = house.member("nomsa").await;
    let sheet = nomsa
        .get("/admin/bookings/sheet?location=musgrave&date=2026-11-25")
        .await;
    for words in [
        "Pier",
        "09:00–10:30",
        "082 000 0001",
        "Ayanda, 082 000 0005",
        "Board",
        "Rooibos for four",
    ] {
        assert!(sheet.says(words), "{words}: {}", sheet.text());
    }
    let other = nomsa
        .get("/admin/bookings/sheet?location=musgrave&date=2026-11-26")
        .await;
    assert!(other.says("Nothing is booked on this day"), "{reference}");
}

#[tokio::test]
async fn the_week_is_what_a_naive_recount_says() {
    let house = House::sample().await;
    let recount = "
        with days as (select d::date as day from generate_series('2026-11-23'::date, '2026-11-29', '1 day') d),
        quarters as (
            select s.kind, q from days, locations l join spaces s on s.location_id = l.id and s.status in ('active', 'out_of_order')
            join opening_hours h on h.location_id = l.id and h.kind = 'access'
            cross join lateral generate_series((day + h.opens) at time zone l.time_zone, (day + h.closes) at time zone l.time_zone - interval '15 minutes', '15 minutes') q
            join bookings b on b.space_id = s.id and b.during @> q and b.status in ('confirmed', 'checked_in', 'completed', 'no_show')
            where l.slug = 'umhlanga' and h.weekday = extract(isodow from day)
              and not exists (select from hours_exceptions e where e.location_id = l.id and e.on_date = day))
        select count(*) from quarters";
    let quarters: i64 = house.one(recount).await;
    assert!(quarters > 100, "the sample is busy: {quarters}");
    let receptionist = house.member("receptionist").await;
    let page = receptionist
        .get("/admin/week?location=umhlanga&week=2026-11-25")
        .await;
    let hours = connect_space::bookings::heat::hours(quarters * 15);
    assert!(
        page.says(&format!("{hours} h, ")),
        "not {hours}: {}",
        page.text()
    );
    let by_kind = receptionist
        .get("/admin/week?location=umhlanga&week=2026-11-25&by=kind")
        .await;
    assert!(
        by_kind.says(&format!("{hours} h, ")),
        "not {hours}: {}",
        by_kind.text()
    );
}

#[tokio::test]
async fn what_a_week_took_is_for_who_manages_the_location() {
    let house = House::sample().await;
    let of = |location: &str| format!("/admin/week?location={location}&show=revenue");
    let receptionist = house.member("receptionist").await;
    assert_eq!(
        receptionist.get(&of("musgrave")).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(!receptionist.get("/admin/week").await.says("Revenue"));
    let owner = house.member("owner").await;
    assert!(owner.get(&of("musgrave")).await.says("Rands booked"));
    let mine: String = house
        .one("select l.slug from staff s join members m on m.id = s.member_id join locations l on l.id = s.location_id where m.email = 'manager@connect.example'")
        .await;
    let others: String = house
        .one("select slug from locations where id not in (select location_id from staff s join members m on m.id = s.member_id where m.email = 'manager@connect.example') limit 1")
        .await;
    let manager = house.member("manager").await;
    assert_eq!(manager.get(&of(&mine)).await.status, StatusCode::OK);
    assert_eq!(
        manager.get(&of(&others)).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn several_are_cancelled_each_by_its_own_terms() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let early = thandeka.book("pier", "2026-11-27", "09:00", "10:00").await;
    let late = thandeka.book("pier", "2026-11-24", "10:00", "11:00").await;
    let over = thandeka.book("pier", "2026-11-26", "09:00", "10:00").await;
    house
        .run("update bookings set status = 'completed' where lower(during) = '2026-11-26T07:00Z'")
        .await;
    let nomsa = house.member("nomsa").await;
    let address = format!("/admin/bookings/cancellations?of={early}&of={late}&of={over}");
    let page = nomsa.get(&address).await;
    assert!(
        page.says("Cancel 2 bookings") && page.says("R100 is kept"),
        "{}",
        page.text()
    );
    let fields = [
        ("of", early.as_str()),
        ("of", &late),
        ("of", &over),
        ("reason", "member"),
        ("note", ""),
        ("tell", "yes"),
    ];
    let refused = nomsa.post("/admin/bookings/cancellations", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Say why they are cancelled"));
    let mut fields = fields;
    fields[4].1 = "The fair was called off";
    let done = nomsa.post("/admin/bookings/cancellations", &fields).await;
    let became = nomsa.follow(&done).await;
    assert!(became.says("2 of 3 cancelled"), "{}", became.text());
    assert!(became.says("Nothing was kept") && became.says("R100 was kept"));
    assert!(became.says("There is nothing to cancel any more"));
    let notes: i64 = house
        .one("select count(*) from bookings where status = 'cancelled' and cancellation_note = 'The fair was called off' and cancelled_by <> member_id")
        .await;
    assert_eq!(notes, 2);
}
