//! A meeting that comes again every week in the sample, with what goes with it; and a room that is asked for.

use chrono::{DateTime, Days, NaiveTime, Utc};
use sqlx::PgConnection;

use super::locations::ZONE;
use crate::{
    bookings::{
        extras::picks::Pick,
        order::{Booker, Channel, Details, Wanted},
        payer::Payer,
        series::{Times, placing::Ask},
    },
    error::Result,
    time::Zone,
};

const ROOM: &str = "mount-edgecombe-furrow";
const ASKED_FOR: &str = "mount-edgecombe-cane";

/// Tuesdays from ten to eleven from next week on, those left out that cannot be had. Nobody is mailed about it.
pub async fn insert(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    let member = sqlx::query_scalar!(
        "select id from members where email is not null and email not like '%@connect.example'
           and id not in (select member_id from staff) order by reference offset 7 limit 1"
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(member) = member else { return Ok(()) };
    let zone = Zone::named(ZONE)?;
    let clock = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    let ask = Ask {
        wanted: Wanted::Space(ROOM.to_owned()),
        first: zone.date(now) + Days::new(7),
        times: Times::Clock {
            from: clock(10),
            until: clock(11),
            nights: 0,
        },
        recurrence: "FREQ=WEEKLY;BYDAY=TU;COUNT=8"
            .parse()
            .map_err(anyhow::Error::from)?,
        people: 4,
        layout: None,
        extras: vec![Pick::new("tea-and-coffee", 4)],
        title: "Weekly stand-up".to_owned(),
        details: Details::default(),
        payer: Payer::Usual,
        skip: true,
        shown: None,
        key: None,
        desk: None,
    };
    let booker = Booker::themselves(member.into(), Channel::Web);
    // In a sample so full that none of them is free there is none.
    if ask.place(&mut *tx, booker, now).await?.is_ok() {
        sqlx::query!("delete from jobs where payload ->> 'kind' = 'series_booked'")
            .execute(&mut *tx)
            .await?;
    }
    sqlx::query!(
        "with asked as (
             insert into booking_policies (id, name, step_minutes, min_minutes, max_minutes, notice_minutes, max_advance_days, by_time,
                 by_day, by_week, by_month, setup_minutes, turnaround_minutes, max_at_once, first_refusal_days, cancellation,
                 check_in_minutes, unused, grace_minutes, limits, approval, offer_minutes, overrun_minutes)
             select gen_random_uuid(), 'Rooms with approval', step_minutes, min_minutes, max_minutes, notice_minutes, max_advance_days,
                 by_time, by_day, by_week, by_month, setup_minutes, turnaround_minutes, max_at_once, first_refusal_days, cancellation,
                 check_in_minutes, unused, grace_minutes, limits, true, offer_minutes, overrun_minutes
             from booking_policies p where p.id = (select policy_id from spaces where slug = $1)
             returning id)
         update spaces set policy_id = asked.id from asked where slug = $1",
        ASKED_FOR
    )
    .execute(tx)
    .await?;
    Ok(())
}
