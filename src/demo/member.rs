//! The diary of `member@connect.example`, written by hand.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::{
    diary::{Diary, Stay},
    house::House,
};
use crate::{locations::hours::Opening, time::Span};

/// One stay behind them, one today or on the next open day, two ahead.
pub fn enter(house: &House, diary: &mut Diary, now: DateTime<Utc>) -> Option<()> {
    let (desk, room) = (
        house.space("umhlanga-desk-8")?,
        house.space("umhlanga-pier")?,
    );
    let part = |opening: Opening, from: i64, length: i64| {
        let from = opening.span.from + Duration::minutes(from);
        Opening {
            span: Span::new(from, from + Duration::minutes(length)),
            ..opening
        }
    };
    let past = house
        .openings_from(&house.spaces[desk], house.today - Duration::days(6))
        .next()?;
    let days: Vec<Opening> = house
        .openings_from(&house.spaces[desk], house.today)
        .take(10)
        .collect();
    let soon = now + Duration::minutes(60);
    let next = days.iter().map(|day| {
        let late = ((soon - day.span.from).num_minutes().max(90) + 29) / 30 * 30;
        part(*day, late, 180)
    });
    let next = next
        .zip(&days)
        .find(|(part, day)| day.span.contains(part.span))?
        .0;
    let at_desk = |opening, by_day| Stay {
        space: desk,
        member: 0,
        openings: vec![opening],
        by_day,
        lasting: None,
        first_refusal: false,
        people: 1,
        title: "",
        cancelled: false,
    };
    diary.add(at_desk(past, true));
    diary.add(at_desk(next, false));
    diary.add(Stay {
        space: room,
        people: 5,
        title: "Plans for the new season",
        ..at_desk(part(*days.get(5)?, 180, 90), false)
    });
    diary.add(at_desk(*days.get(8)?, true));
    Some(())
}

/// Their favourites: the desk they mostly sit at, and two rooms.
pub async fn star(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into favourites (member_id, space_id, position)
         select m.id, s.id, star.position
         from unnest(array['umhlanga-desk-8', 'umhlanga-pier', 'musgrave-desk-3']) with ordinality as star (slug, position)
         join spaces s using (slug)
         join members m on m.email = 'member@connect.example'"
    )
    .execute(tx)
    .await?;
    Ok(())
}
