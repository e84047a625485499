//! The extras that a booking has, at the price that was agreed.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use sqlx::{PgConnection, postgres::types::PgRange};

use super::{
    Unit,
    picks::{Bought, Pick},
    shelf::Taken,
};
use crate::{
    bookings::booking::Booking, error::Result, id::Id, locations::location::Location, money::Money,
    time::Span,
};

/// As the booking has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Ordered {
    pub slug: String,
    pub name: String,
    pub unit: Unit,
    pub quantity: i32,
    /// Of one unit.
    #[serde(rename = "cents")]
    pub price: Money,
}

impl Ordered {
    /// `Tea and coffee for 8`, `2 × Flipchart`
    pub fn words(&self) -> String {
        match (self.unit, self.quantity) {
            (Unit::Person, people) => format!("{} for {people}", self.name),
            (_, 1) => self.name.clone(),
            (_, count) => format!("{count} × {}", self.name),
        }
    }
}

/// `Tea and coffee for 8, Screen`
pub fn words(ordered: &[Ordered]) -> String {
    let all: Vec<String> = ordered.iter().map(Ordered::words).collect();
    all.join(", ")
}

/// What a booking has, as it would be wanted for another time or for more people. What is for everybody follows how
/// many come, unless it is too late to change it.
pub(crate) fn carried(
    booking: &Booking,
    people: i32,
    is_late: impl Fn(&Ordered) -> bool,
) -> Vec<Pick> {
    let pick = |one: &Ordered| Pick {
        slug: one.slug.clone(),
        quantity: match one.unit {
            Unit::Person if is_late(one) => one.quantity,
            Unit::Person if one.quantity >= booking.people => people,
            Unit::Person => one.quantity.min(people),
            _ => one.quantity,
        },
        bought: Some(Bought {
            quantity: one.quantity,
            price: one.price,
            from: booking.during.from,
        }),
    };
    booking.extras.iter().map(pick).collect()
}

/// Waits for those that a booking has: last in the order of all locks.
pub async fn lock(tx: &mut PgConnection, booking: &Booking) -> Result<()> {
    sqlx::query_scalar!(
        "select id from extras where id in (select extra_id from booking_extras where booking_id = $1)
         order by id for no key update",
        booking.id.get()
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// Writes what a booking has from now on, in place of what it had. What is in use at once is counted under lock by the
/// table's trigger.
pub async fn write(
    tx: &mut PgConnection,
    booking: Id<Booking>,
    taken: &[Taken],
    during: Span,
) -> Result<()> {
    sqlx::query!(
        "delete from booking_extras where booking_id = $1",
        booking.get()
    )
    .execute(&mut *tx)
    .await?;
    for one in taken {
        sqlx::query!(
            "insert into booking_extras (booking_id, extra_id, quantity, cents, during, active)
             select $1, $2, $3, $4, $5, takes_space from bookings where id = $1",
            booking.get(),
            one.id,
            one.quantity,
            one.price.in_cents(),
            PgRange::from(during)
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// The ledger's trigger spoke: no more of an extra is left.
pub fn is_oversold<T>(outcome: &sqlx::Result<T>) -> bool {
    matches!(outcome, Err(sqlx::Error::Database(error)) if error.constraint() == Some("extras_are_never_oversold"))
}

/// One thing to prepare on a day.
#[derive(Clone, Debug)]
pub struct Due {
    pub name: String,
    pub unit: Unit,
    pub quantity: i32,
    pub reference: String,
    pub space: String,
    pub people: i32,
    pub member: String,
    pub from: DateTime<Utc>,
    /// When the room is to be ready, where that is earlier.
    pub ready: DateTime<Utc>,
}

impl Due {
    /// `Tea and coffee for 8`
    pub fn words(&self) -> String {
        let ordered = Ordered {
            slug: String::new(),
            name: self.name.clone(),
            unit: self.unit,
            quantity: self.quantity,
            price: Money::ZERO,
        };
        ordered.words()
    }
}

/// Everything to prepare at a location for what begins on a day, by when it is to be ready.
pub async fn due_on(
    db: &mut PgConnection,
    location: &Location,
    date: NaiveDate,
) -> Result<Vec<Due>> {
    let midnight = |date: NaiveDate| location.zone.first_instant(date.and_time(NaiveTime::MIN));
    let window = Span::new(midnight(date), midnight(date + Days::new(1)));
    let rows = sqlx::query!(
        r#"select x.name, x.unit, x.setup_minutes, e.quantity, b.reference, s.name as space, b.people, m.name as member,
                  lower(b.during) as "from!"
           from booking_extras e
           join extras x on x.id = e.extra_id
           join bookings b on b.id = e.booking_id
           join spaces s on s.id = b.space_id
           join members m on m.id = b.member_id
           where s.location_id = $1 and e.active and b.status in ('pending', 'confirmed', 'checked_in')
             and lower(b.during) >= $2 and lower(b.during) < $3
           order by lower(b.during) - make_interval(mins => x.setup_minutes), s.name, x.position, x.name"#,
        location.id.get(),
        window.from,
        window.until
    )
    .fetch_all(db)
    .await?;
    let due = rows.into_iter().map(|row| Due {
        name: row.name,
        unit: Unit::named(&row.unit).unwrap_or(Unit::Booking),
        quantity: row.quantity,
        reference: row.reference,
        space: row.space,
        people: row.people,
        member: row.member,
        from: row.from,
        ready: row.from - Duration::minutes(row.setup_minutes.into()),
    });
    Ok(due.collect())
}
