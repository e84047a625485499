//! Calendars that follow bookings: the addresses, what they show, and that two independent readers understand it.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::support::{House, Page, Person};

const READ: &str = "import icalendar, json, sys, vobject
text = sys.stdin.buffer.read()
events = [{'uid': str(e['uid']), 'sequence': int(e['sequence']), 'status': str(e['status']), 'summary': str(e['summary']),
           'start': e.decoded('dtstart').isoformat(), 'end': e.decoded('dtend').isoformat(), 'text': str(e['description'])}
          for e in icalendar.Calendar.from_ical(text).walk('vevent')]
other = vobject.readOne(text.decode())
others = [{'uid': e.uid.value, 'start': e.dtstart.value.isoformat(), 'summary': e.summary.value}
          for e in getattr(other, 'vevent_list', [])]
print(json.dumps({'name': other.x_wr_calname.value, 'events': events, 'others': others}))";

/// As Python's icalendar and vobject read it: they agree.
fn read(file: &str) -> Value {
    let mut reader = Command::new("/usr/bin/python3")
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the reader needs python3");
    reader
        .stdin
        .take()
        .unwrap()
        .write_all(file.as_bytes())
        .unwrap();
    let read = reader.wait_with_output().unwrap();
    let read: Value = serde_json::from_slice(&read.stdout)
        .expect("the reader needs python3-icalendar and python3-vobject");
    let events = read["events"].as_array().unwrap();
    let others = read["others"].as_array().unwrap();
    assert_eq!(events.len(), others.len());
    for (event, other) in events.iter().zip(others) {
        for field in ["uid", "start", "summary"] {
            assert_eq!(event[field], other[field]);
        }
    }
    read
}

/// Makes a new address, and says its path.
async fn address(person: &Person, page: &str) -> String {
    let made = person.post::<&str, &str>(page, &[]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    let shown = person.follow(&made).await;
    let whole = shown
        .html
        .split("value=\"")
        .find_map(|part| part.split_once(".ics\""))
        .map(|(address, _)| format!("{address}.ics"))
        .unwrap_or_else(|| panic!("{}", shown.html));
    // It is shown this once.
    let again = person.get(page).await;
    assert!(!again.html.contains(".ics"), "{}", again.text());
    let at = whole.find("/calendar/").unwrap();
    whole[at..].to_owned()
}

async fn open(house: &House, path: &str) -> Page {
    house.visitor().get(path).await
}

const OWN: &str = "/account/calendar";

#[tokio::test]
async fn a_calendar_follows_what_its_member_books_moves_and_cancels() {
    // case P5
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", "2026-11-26", "09:00", "10:00").await;
    let other = thandeka
        .book("lighthouse", "2026-11-27", "09:00", "10:00")
        .await;
    thandeka.hold("dune", "2026-11-26", "09:00", "10:00").await;
    house
        .member("sipho")
        .await
        .book("pier", "2026-11-26", "12:00", "13:00")
        .await;
    let path = address(&thandeka, OWN).await;
    let file = open(&house, &path).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(file.header("cache-control"), "private, no-cache");
    let first = read(&file.html);
    assert_eq!(first["name"], "Connect Space");
    let events = first["events"].as_array().unwrap();
    assert_eq!(events.len(), 2, "{first}");
    assert_eq!(events[0]["summary"], "Pier, Musgrave · Connect Space");
    assert_eq!(events[0]["start"], "2026-11-26T07:00:00+00:00");
    assert_eq!(
        (&events[0]["sequence"], &events[0]["status"]),
        (&0.into(), &"CONFIRMED".into())
    );

    let change = format!("/bookings/{reference}/move");
    let moved = thandeka
        .post(&change, &[("from", "14:00"), ("until", "15:00")])
        .await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.text());
    let cancellation = format!("/bookings/{other}/cancellation");
    let page = thandeka.get(&cancellation).await;
    thandeka.submit(&page.form(&cancellation)).await;
    let second = read(&open(&house, &path).await.html);
    let after = second["events"].as_array().unwrap();
    assert_eq!(after[0]["uid"], events[0]["uid"]);
    assert_eq!(after[0]["start"], "2026-11-26T12:00:00+00:00");
    assert_eq!(after[0]["sequence"], 1);
    assert_eq!(
        (&after[1]["uid"], &after[1]["status"]),
        (&events[1]["uid"], &"CANCELLED".into())
    );
    // For a month.
    house.run("update bookings set cancelled_at = cancelled_at - interval '40 days' where status = 'cancelled'").await;
    let third = read(&open(&house, &path).await.html);
    assert_eq!(third["events"].as_array().unwrap().len(), 1);

    house.app.clock.shift(TimeDelta::days(40));
    let none = open(&house, &path).await.html;
    assert!(!none.contains("VEVENT"), "{none}");
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_twice() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    thandeka.book("pier", "2026-11-26", "09:00", "10:00").await;
    let path = address(&thandeka, OWN).await;
    let tag = open(&house, &path).await.header("etag").to_owned();
    house.app.clock.shift(TimeDelta::minutes(20));
    let ask = async || {
        let visitor = house.visitor();
        let request = visitor
            .request(Method::GET, &path)
            .header("if-none-match", &tag);
        visitor.send(request).await
    };
    let same = ask().await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    assert!(same.html.is_empty());
    thandeka.book("pier", "2026-11-26", "11:00", "12:00").await;
    assert_eq!(ask().await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_address_ends_when_its_member_says_so_or_makes_another() {
    // case P5
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let one = address(&thandeka, OWN).await;
    assert_eq!(open(&house, &one).await.status, StatusCode::OK);
    assert!(thandeka.get(OWN).await.says("last read"));
    let two = address(&thandeka, OWN).await;
    assert_eq!(open(&house, &one).await.status, StatusCode::NOT_FOUND);
    assert_eq!(open(&house, &two).await.status, StatusCode::OK);
    let said = thandeka
        .post::<&str, &str>("/account/calendar/ending", &[])
        .await;
    assert!(
        thandeka
            .follow(&said)
            .await
            .says("That address works no more.")
    );
    assert_eq!(open(&house, &two).await.status, StatusCode::NOT_FOUND);
    for wrong in ["/calendar/.ics", "/calendar/x.ics", "/calendar/x"] {
        assert_eq!(open(&house, wrong).await.status, StatusCode::NOT_FOUND);
    }
    // Nothing that we keep opens one; 43 characters of 6 bits.
    let secret = two
        .trim_start_matches("/calendar/")
        .trim_end_matches(".ics");
    assert_eq!(secret.len(), 43);
    let kept: String = house
        .one("select string_agg(f::text || e.detail::text, '') from calendar_feeds f, audit_events e")
        .await;
    assert!(!kept.contains(secret));
    let said: i64 = house
        .one("select count(*) from audit_events where verb in ('make calendar address', 'revoke calendar address')")
        .await;
    assert_eq!(said, 3);
}

#[tokio::test]
async fn who_works_here_follows_a_space_as_long_as_they_do() {
    let house = House::open().await;
    let reference = house
        .member("thandeka")
        .await
        .book("pier", "2026-11-26", "09:00", "10:00")
        .await;
    house
        .member("sipho")
        .await
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let nomsa = house.member("nomsa").await;
    let path = address(&nomsa, "/admin/spaces/pier/calendar").await;
    let seen = read(&open(&house, &path).await.html);
    assert_eq!(seen["name"], "Pier");
    let events = seen["events"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{seen}");
    assert_eq!(events[0]["summary"], "Thandeka Mkhize");
    let text = events[0]["text"].as_str().unwrap();
    assert!(
        text.contains(&format!("/admin/bookings/{reference}")),
        "{text}"
    );
    // Their own is another.
    let own = address(&nomsa, OWN).await;
    assert!(!open(&house, &own).await.html.contains("VEVENT"));
    assert_eq!(open(&house, &path).await.status, StatusCode::OK);
    house.run("delete from staff").await;
    assert_eq!(open(&house, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(open(&house, &own).await.status, StatusCode::OK);
}
