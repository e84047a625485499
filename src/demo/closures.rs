//! Two sample closures: a desk under repair next week, and a carpet being cleaned on the next open day.

use chrono::{DateTime, Days, NaiveTime, Utc, Weekday};
use sqlx::PgConnection;

use super::{dice::Dice, house::House};
use crate::time::Span;

/// Writes the closures and returns what they take, by the space's place in the house.
pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    house: &House,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<(usize, Span)>> {
    let mut taken = Vec::new();
    for (at, during, reason, wording) in [repair(house), carpet(house)].into_iter().flatten() {
        let space = &house.spaces[at];
        sqlx::query!(
            "insert into closures (id, location_id, space_id, during, reason, wording, created_at)
             values ($1, $2, $3, tstzrange($4, $5), $6, $7, $8)",
            dice.id(now),
            space.location.get(),
            space.id.get(),
            during.from,
            during.until,
            reason,
            wording,
            now
        )
        .execute(&mut *tx)
        .await?;
        taken.push((at, during));
    }
    Ok(taken)
}

type Sample = (usize, Span, &'static str, &'static str);

/// From Monday to Friday of next week.
fn repair(house: &House) -> Option<Sample> {
    let at = house.space("musgrave-desk-9")?;
    let monday = house.today.week(Weekday::Mon).last_day().succ_opt()?;
    let days: Vec<_> = house.openings_from(&house.spaces[at], monday).collect();
    let last = days.iter().rfind(|day| day.date < monday + Days::new(5))?;
    let during = Span::new(days.first()?.span.from, last.span.until);
    Some((
        at,
        during,
        "maintenance",
        "This desk is having its lamp and sockets repaired.",
    ))
}

/// From noon on the next open day after today.
fn carpet(house: &House) -> Option<Sample> {
    let at = house.space("umhlanga-lagoon")?;
    let tomorrow = house
        .openings_from(&house.spaces[at], house.today.succ_opt()?)
        .next()?;
    let from = house
        .zone
        .first_instant(tomorrow.date.and_time(NaiveTime::from_hms_opt(12, 0, 0)?));
    let during = Span::new(from, tomorrow.span.until);
    Some((
        at,
        during,
        "carpet cleaning",
        "The carpet is being cleaned from 12:00 and needs the afternoon to dry.",
    ))
}
