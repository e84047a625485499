//! What readers that are not ours make of our calendar files and of the data in our pages.

use std::io::Write;
use std::process::{Command, Stdio};

use chrono::TimeDelta;
use serde_json::Value;

use crate::support::House;

/// What a few lines of Python put into `answer`, given a text on their input.
pub fn python(lines: &str, text: &str) -> Value {
    let program = format!("import json, sys\n{lines}\nprint(json.dumps(answer))");
    let mut reader = Command::new("/usr/bin/python3")
        .args(["-c", &program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut input = reader.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let read = reader.wait_with_output().unwrap();
    serde_json::from_slice(&read.stdout).expect("bin/test brings what reads")
}

const CALENDAR: &str = "from icalendar import Calendar
file = Calendar.from_ical(sys.stdin.read())
events = [entry for entry in file.walk('VEVENT')]
answer = {'method': str(file.get('METHOD')), 'events': len(events), 'uid': str(events[0]['UID']),
    'sequence': int(events[0].get('SEQUENCE', 0)), 'status': str(events[0].get('STATUS')),
    'starts': events[0].decoded('DTSTART').isoformat(), 'ends': events[0].decoded('DTEND').isoformat(),
    'summary': str(events[0]['SUMMARY'])}";

#[tokio::test]
async fn calendar_programs_understand_a_booking_from_mail_to_cancellation() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:30")
        .await;
    house.deliver_mail().await;
    let newest = async || house.mails("thandeka@example.com").await.remove(0);
    let invited = python(CALENDAR, &newest().await.calendar.unwrap());
    assert_eq!(invited["method"], "REQUEST");
    assert_eq!(invited["events"], 1);
    assert_eq!(
        (&invited["starts"], &invited["ends"]),
        (
            &"2026-11-26T07:00:00+00:00".into(),
            &"2026-11-26T08:30:00+00:00".into()
        )
    );
    assert!(
        invited["summary"].as_str().unwrap().contains("Lighthouse"),
        "{invited}"
    );
    let path = format!("/bookings/{reference}");
    let file = thandeka.get(&format!("{path}.ics")).await;
    let kept = python(CALENDAR, &file.html);
    assert_eq!(
        (&kept["method"], &kept["uid"], &kept["starts"]),
        (&"PUBLISH".into(), &invited["uid"], &invited["starts"])
    );
    let cancel = thandeka.get(&format!("{path}/cancellation")).await;
    thandeka
        .submit(&cancel.form(&format!("{path}/cancellation")))
        .await;
    house.deliver_mail().await;
    let off = python(CALENDAR, &newest().await.calendar.unwrap());
    assert_eq!(
        (&off["method"], &off["status"], &off["uid"]),
        (&"CANCEL".into(), &"CANCELLED".into(), &invited["uid"])
    );
    assert!(
        off["sequence"].as_i64() > invited["sequence"].as_i64(),
        "{off}"
    );
}

#[tokio::test]
async fn calendar_programs_understand_what_is_proposed_to_a_prospect() {
    let house = House::open().await;
    let visitor = house.visitor();
    let page = visitor.get("/contact?location=musgrave").await;
    house.app.clock.shift(TimeDelta::seconds(10));
    let form = page
        .form("/contact")
        .with("name", "Lindiwe Zulu")
        .with("reach", "lindiwe@example.com")
        .with("wish", "musgrave 2026-11-25T11:00");
    visitor.submit(&form).await;
    house.deliver_mail().await;
    let mail = house.mails("lindiwe@example.com").await.remove(0);
    let proposed = python(CALENDAR, &mail.calendar.unwrap());
    assert_eq!(
        (&proposed["starts"], &proposed["status"]),
        (&"2026-11-25T09:00:00+00:00".into(), &"TENTATIVE".into())
    );
}

/// The context is that of schema.org in short: every name is one of its own.
const LINKED: &str = "from pyld import jsonld
def load(url, options):
    assert url.rstrip('/') == 'https://schema.org', url
    return {'contextUrl': None, 'documentUrl': url, 'document': {'@context': {'@vocab': 'https://schema.org/'}}}
pages = json.load(sys.stdin)
answer = [[kind.rsplit('/', 1)[1] for thing in jsonld.expand(one, {'documentLoader': load}) for kind in thing['@type']]
    for one in pages]";

#[tokio::test]
async fn programs_understand_what_pages_say_about_themselves() {
    let house = House::sample().await;
    let visitor = house.visitor();
    for (path, kinds) in [
        (
            "/locations/umhlanga",
            &["LocalBusiness", "BreadcrumbList"][..],
        ),
        (
            "/spaces/umhlanga-lighthouse",
            &["Product", "BreadcrumbList"],
        ),
        (
            "/journal/working-asynchronously",
            &["Article", "BreadcrumbList"],
        ),
    ] {
        let page = visitor.get(path).await;
        let found = page
            .html
            .split("<script type=\"application/ld+json\">")
            .skip(1);
        let all: Vec<&str> = found
            .map(|rest| rest.split("</script>").next().unwrap())
            .collect();
        let read = python(LINKED, &format!("[{}]", all.join(",")));
        let read: Vec<&str> = read
            .as_array()
            .unwrap()
            .iter()
            .map(|kinds| kinds[0].as_str().unwrap())
            .collect();
        assert_eq!(read, kinds, "{path}");
    }
}
