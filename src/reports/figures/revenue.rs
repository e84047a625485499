//! Revenue booked: what was agreed for stays that begin, and passes that start, in the period.

use sqlx::PgConnection;

use super::Scope;
use crate::{
    error::Result, id::Id, locations::location::Location, money::Money, spaces::space::Kind,
};

/// What is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sold {
    Space(Kind),
    Pass,
}

impl Sold {
    pub const ALL: [Sold; 4] = [
        Sold::Space(Kind::HotDesk),
        Sold::Space(Kind::MeetingRoom),
        Sold::Space(Kind::Office),
        Sold::Pass,
    ];

    pub fn label(self) -> &'static str {
        match self {
            Sold::Space(kind) => kind.plural(),
            Sold::Pass => "Passes",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub count: i64,
    /// Including VAT.
    pub total: Money,
    pub vat: Money,
}

impl Sum {
    pub fn without_vat(self) -> Money {
        self.total - self.vat
    }

    pub fn plus(self, other: Sum) -> Sum {
        Sum {
            count: self.count + other.count,
            total: self.total + other.total,
            vat: self.vat + other.vat,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// `None` for passes that are valid everywhere, which only owners see.
    pub location: Option<Id<Location>>,
    pub sold: Sold,
    pub sum: Sum,
}

/// By location and what was sold. Of a booking that was cancelled counts what was kept, with its share of
/// the VAT; what is only held or waits for approval does not count. `everywhere` adds the passes that are
/// valid at every location.
pub async fn revenue(db: &mut PgConnection, scope: &Scope, everywhere: bool) -> Result<Vec<Line>> {
    let (locations, from, until) = scope.bounds();
    let rows = sqlx::query!(
        r#"select s.location_id, s.kind, count(*) as "count!",
                  sum(case b.status when 'cancelled' then b.kept_cents else b.total_cents end)::bigint as "total!",
                  sum(case when b.status <> 'cancelled' then b.vat_cents
                           when b.total_cents = 0 then 0
                           else round(b.vat_cents::numeric * b.kept_cents / b.total_cents) end)::bigint as "vat!"
           from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) as p (location, begins, ends)
           join spaces s on s.location_id = p.location
           join bookings b on b.space_id = s.id and lower(b.during) >= p.begins and lower(b.during) < p.ends
           where b.status in ('confirmed', 'checked_in', 'completed', 'no_show')
              or b.status = 'cancelled' and b.confirmed_at is not null and b.kept_cents > 0
           group by s.location_id, s.kind"#,
        &locations,
        &from,
        &until
    )
    .fetch_all(&mut *db)
    .await?;
    let mut lines = Vec::new();
    for row in rows {
        lines.push(Line {
            location: Some(row.location_id.into()),
            sold: Sold::Space(row.kind.parse().map_err(anyhow::Error::msg)?),
            sum: Sum {
                count: row.count,
                total: Money::cents(row.total),
                vat: Money::cents(row.vat),
            },
        });
    }
    let passes = sqlx::query!(
        r#"select location_id, count(*) as "count!", sum(total_cents)::bigint as "total!", sum(vat_cents)::bigint as "vat!"
           from passes
           where (location_id = any($1) or $4 and location_id is null) and cancelled_at is null
             and lower(valid) between $2 and $3
           group by location_id"#,
        &locations,
        scope.first,
        scope.last,
        everywhere
    )
    .fetch_all(db)
    .await?;
    lines.extend(passes.into_iter().map(|row| Line {
        location: row.location_id.map(Id::from),
        sold: Sold::Pass,
        sum: Sum {
            count: row.count,
            total: Money::cents(row.total),
            vat: Money::cents(row.vat),
        },
    }));
    let place = |line: &Line| {
        let known = scope.locations.iter();
        let at = known
            .clone()
            .position(|place| Some(place.id) == line.location);
        at.unwrap_or(known.len())
    };
    lines.sort_by_key(|line| (place(line), line.sold));
    Ok(lines)
}
