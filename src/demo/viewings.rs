//! Sample prospects in every stage, some of them to be shown round this week, and a few questions.

use chrono::{DateTime, Days, Duration, NaiveTime, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

use super::{dice::Dice, house::House};
use crate::time::Span;

/// Name, how they are reached, location, stage, what for, people, where from, days ago, what they said.
type Sample = (
    &'static str,
    Reach,
    &'static str,
    &'static str,
    &'static [&'static str],
    Option<i32>,
    &'static str,
    i64,
    &'static str,
);

#[derive(Clone, Copy)]
enum Reach {
    Email,
    Phone,
    Both,
}

use Reach::{Both, Email, Phone};

const SAMPLES: [Sample; 20] = [
    (
        "Kamini Perumal",
        Both,
        "umhlanga",
        "new",
        &["office"],
        Some(4),
        "web",
        0,
        "We are four, and our lease ends in February.",
    ),
    (
        "Thabo Sibiya",
        Phone,
        "musgrave",
        "new",
        &["hot_desk"],
        None,
        "whatsapp",
        0,
        "Looking for a quiet desk three mornings a week.",
    ),
    (
        "Greta Holm",
        Email,
        "umhlanga",
        "new",
        &["meeting_room"],
        Some(10),
        "web",
        2,
        "A room for board meetings, once a month.",
    ),
    (
        "Zodwa Hlophe",
        Both,
        "mount-edgecombe",
        "contacted",
        &["office"],
        Some(6),
        "phone",
        3,
        "Asked for step-free access and two parking bays.",
    ),
    (
        "Rashid Ebrahim",
        Both,
        "musgrave",
        "contacted",
        &["office", "meeting_room"],
        Some(8),
        "broker",
        5,
        "Their broker sends the requirements.",
    ),
    (
        "Anele Mbatha",
        Both,
        "umhlanga",
        "scheduled",
        &["hot_desk"],
        Some(1),
        "web",
        2,
        "Freelance, mostly video calls.",
    ),
    (
        "Peter Langley",
        Email,
        "umhlanga",
        "scheduled",
        &["office"],
        Some(3),
        "web",
        4,
        "Could we see the sea from the office?",
    ),
    (
        "Nomfundo Radebe",
        Both,
        "musgrave",
        "scheduled",
        &["office"],
        Some(5),
        "walk_in",
        1,
        "Came in off the street and liked the light.",
    ),
    (
        "Farah Jamal",
        Both,
        "mount-edgecombe",
        "scheduled",
        &["meeting_room"],
        Some(12),
        "web",
        3,
        "Training days in January.",
    ),
    (
        "Wandile Khoza",
        Both,
        "umhlanga",
        "toured",
        &["office"],
        Some(7),
        "web",
        9,
        "Liked Office 4, wants to compare.",
    ),
    (
        "Ingrid Swart",
        Email,
        "musgrave",
        "toured",
        &["hot_desk"],
        Some(2),
        "web",
        7,
        "Two desks, from the new year.",
    ),
    (
        "Logan Moonsamy",
        Both,
        "umhlanga",
        "proposal",
        &["office"],
        Some(10),
        "broker",
        16,
        "Sent the price for ten, with parking.",
    ),
    (
        "Busisiwe Zondi",
        Both,
        "musgrave",
        "lost",
        &["office"],
        Some(3),
        "web",
        20,
        "Wanted a ground floor with its own door.",
    ),
    (
        "Callum Reid",
        Email,
        "mount-edgecombe",
        "later",
        &["hot_desk"],
        Some(1),
        "web",
        25,
        "Moves to Durban in autumn.",
    ),
    (
        "Prudence Mthethwa",
        Phone,
        "umhlanga",
        "no_show",
        &["office"],
        Some(2),
        "phone",
        6,
        "Did not come, phone off.",
    ),
    (
        "Olwethu Mqadi",
        Both,
        "umhlanga",
        "won",
        &["hot_desk"],
        Some(1),
        "web",
        12,
        "Three days a week by the window.",
    ),
    (
        "Elize Kruger",
        Both,
        "mount-edgecombe",
        "won",
        &["office"],
        Some(2),
        "walk_in",
        44,
        "Two of them, month by month.",
    ),
    (
        "Megan Roberts",
        Both,
        "musgrave",
        "won",
        &["hot_desk"],
        Some(1),
        "whatsapp",
        75,
        "A desk near the school run.",
    ),
    (
        "Tumi Phiri",
        Email,
        "umhlanga",
        "lost",
        &["meeting_room"],
        Some(20),
        "web",
        68,
        "A hall for twenty, evenings only.",
    ),
    (
        "Best SEO Offer",
        Email,
        "musgrave",
        "spam",
        &[],
        None,
        "web",
        1,
        "Rank first! http://spam.example and http://more-spam.example",
    ),
];

const QUESTIONS: [(&str, &str, &str, i64, &str); 4] = [
    (
        "Sihle Nene",
        "umhlanga",
        "open",
        3,
        "Can I bring a guide dog?",
    ),
    (
        "Danielle Botha",
        "musgrave",
        "open",
        30,
        "Is there a place to store two bicycles overnight?",
    ),
    (
        "Yusuf Patel",
        "mount-edgecombe",
        "answered",
        70,
        "Do you have a room with a piano, or may we bring one?",
    ),
    (
        "Lerato Mokoena",
        "umhlanga",
        "closed",
        120,
        "What is the speed of the upload?",
    ),
];

pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    house: &House,
    guide: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    for (number, sample) in SAMPLES.iter().enumerate() {
        viewing(tx, dice, house, guide, number, sample, now).await?;
    }
    for (number, (name, place, status, hours, body)) in QUESTIONS.into_iter().enumerate() {
        let at = now - Duration::hours(hours);
        let question = dice.id(at);
        sqlx::query!(
            "insert into questions (id, reference, location_id, status, name, email, body, answer_by, created_at, changed_at)
             select $1, $2, id, $4, $5, $6, $7, $8, $9, $9 from locations where slug = $3",
            question,
            dice.reference().replace("CS-", "Q-"),
            place,
            status,
            name,
            address(name, number + 50),
            body,
            noon_after(house, at),
            at
        )
        .execute(&mut *tx)
        .await?;
        if status == "answered" {
            sqlx::query!(
                "insert into question_answers (id, question_id, body, author_id, at) values ($1, $2, $3, $4, $5)",
                dice.id(at + Duration::hours(5)),
                question,
                "You are welcome to bring one. The lift takes an upright; tell us the day before.",
                guide,
                at + Duration::hours(5)
            )
            .execute(&mut *tx)
            .await?;
        }
    }
    Ok(())
}

async fn viewing(
    tx: &mut PgConnection,
    dice: &mut Dice,
    house: &House,
    guide: Uuid,
    number: usize,
    sample: &Sample,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (name, reach, place, status, interests, people, source, days, said) = *sample;
    let asked = now - Duration::days(days) - Duration::hours(2);
    let viewing = dice.id(asked);
    let interests: Vec<String> = interests.iter().map(|kind| (*kind).to_owned()).collect();
    let visited = matches!(
        status,
        "scheduled" | "toured" | "proposal" | "won" | "no_show"
    );
    let during = visited.then(|| visit(house, number, status, now));
    let (next_action, next_in) = next(status);
    let scheduled = during.filter(|_| status == "scheduled");
    let next_on = match scheduled {
        Some(visit) => Some(house.zone.date(visit.from)),
        None => next_in.map(|days: i64| house.today + Duration::days(days)),
    };
    sqlx::query!(
        "insert into viewings (id, reference, location_id, status, name, email, phone, interests, people, source, broker,
             spam_reason, guide_id, during, lost_reason, next_action, next_on, sequence, created_at, changed_at, member_id)
         select $1, $2, id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
             case when $4 = 'won' then (select m.id from members m where m.name = $5) end
         from locations where slug = $3",
        viewing,
        dice.reference().replace("CS-", "V-"),
        place,
        status,
        name,
        matches!(reach, Email | Both).then(|| address(name, number)),
        matches!(reach, Phone | Both).then(|| format!("+2782000{:04}", 9000 + number)),
        &interests,
        people,
        source,
        if source == "broker" { "Sample Brokers" } else { "" },
        if status == "spam" { "There were links in the message." } else { "" },
        visited.then_some(guide),
        during.map(PgRange::from),
        if status == "lost" { "Not what they need" } else { "" },
        next_action,
        next_on,
        i32::from(visited),
        asked,
        now - Duration::days(days / 2)
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into viewing_notes (id, viewing_id, kind, body, at) values ($1, $2, 'request', $3, $4)",
        dice.id(asked),
        viewing,
        said,
        asked
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into viewing_stages (viewing_id, status, at)
         select $1, status, $2 from unnest($3::text[]) status on conflict do nothing",
        viewing,
        asked,
        &came_by(status)
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What it was before.
fn came_by(status: &str) -> Vec<String> {
    let order = ["new", "contacted", "scheduled", "toured", "proposal", "won"];
    let last = match status {
        "no_show" => 2,
        "lost" | "later" => 1,
        "spam" => 0,
        status => order.iter().position(|stage| *stage == status).unwrap_or(0),
    };
    order[..=last]
        .iter()
        .map(|stage| (*stage).to_owned())
        .collect()
}

/// What is next and in how many days; one is late.
fn next(status: &str) -> (&'static str, Option<i64>) {
    match status {
        "new" => ("Confirm a time", Some(0)),
        "contacted" => ("Agree on a time", Some(-1)),
        "scheduled" => ("Show the place", None),
        "toured" => ("Ask how they liked it", Some(0)),
        "proposal" => ("Ask what they decided", Some(2)),
        "later" => ("Ask again", Some(60)),
        "no_show" => ("Offer a new time", Some(1)),
        _ => ("", None),
    }
}

fn noon_after(house: &House, at: DateTime<Utc>) -> DateTime<Utc> {
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    let date = house.zone.date(at) + Days::new(1);
    house.zone.first_instant(date.and_time(noon))
}

/// On one of the next open days, each at another time, or on one that is past.
fn visit(house: &House, number: usize, status: &str, now: DateTime<Utc>) -> Span {
    let hour = 9 + (number as u32 * 2) % 7;
    let at = NaiveTime::from_hms_opt(hour, 30, 0).unwrap_or_default();
    let date = if status == "scheduled" {
        let tomorrow = house.today + Days::new(1);
        let mut open = house
            .openings_from(&house.spaces[0], tomorrow)
            .map(|opening| opening.date);
        open.nth(number % 3).unwrap_or(tomorrow)
    } else {
        house.zone.date(now) - Days::new(4)
    };
    let from = house.zone.first_instant(date.and_time(at));
    Span::new(from, from + Duration::minutes(30))
}

fn address(name: &str, number: usize) -> String {
    format!(
        "{}.{number}@prospect.example",
        name.to_lowercase().replace(' ', ".")
    )
}
