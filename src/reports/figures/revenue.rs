//! Revenue booked: what was agreed for stays that begin, and passes that start, in the period.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::{Scope, bookings::Begun};
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

/// By location and what was sold, of the bookings that begin in the period and the passes that start in it.
/// `everywhere` adds the passes that are valid at every location.
pub async fn revenue(
    db: &mut PgConnection,
    scope: &Scope,
    begun: &[Begun],
    everywhere: bool,
) -> Result<Vec<Line>> {
    let mut sums: BTreeMap<(usize, Sold), Line> = BTreeMap::new();
    for one in begun.iter().filter(|one| one.sold.count > 0) {
        let sold = Sold::Space(one.kind);
        let line = sums
            .entry((scope.place(one.location), sold))
            .or_insert(Line {
                location: Some(one.location),
                sold,
                sum: Sum::default(),
            });
        line.sum = line.sum.plus(one.sold);
    }
    let passes = sqlx::query!(
        r#"select location_id, count(*) as "count!", sum(total_cents)::bigint as "total!", sum(vat_cents)::bigint as "vat!"
           from passes
           where (location_id = any($1) or $4 and location_id is null) and cancelled_at is null
             and lower(valid) between $2 and $3
           group by location_id"#,
        &scope.ids(),
        scope.first,
        scope.last,
        everywhere
    )
    .fetch_all(db)
    .await?;
    for row in passes {
        let location = row.location_id.map(Id::from);
        let sum = Sum {
            count: row.count,
            total: Money::cents(row.total),
            vat: Money::cents(row.vat),
        };
        let (place, sold) = (scope.place(location), Sold::Pass);
        let line = Line {
            location,
            sold,
            sum,
        };
        sums.insert((place, sold), line);
    }
    Ok(sums.into_values().collect())
}
