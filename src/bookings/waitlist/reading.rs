//! Those who wait, as the database has them.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

use super::{Entry, Offered, Shape, Wished};
use crate::{
    bookings::term::Unit, error::Result, id::Id, locations::location::Location,
    members::member::Member, spaces::space::Space, time::Zone,
};

/// Which ones; what is not said is not asked.
#[derive(Default)]
struct Filter<'a> {
    reference: Option<&'a str>,
    member: Option<Id<Member>>,
    location: Option<Id<Location>>,
    /// Only those who are offered nothing yet, and to whom this space would do.
    space: Option<Id<Space>>,
    /// Those with it who wait no longer.
    ended: bool,
}

impl Entry {
    /// Those of a member, the first they joined first.
    pub async fn of(db: &mut PgConnection, member: Id<Member>) -> Result<Vec<Entry>> {
        let filter = Filter {
            member: Some(member),
            ..Filter::default()
        };
        Self::read(db, filter).await
    }

    /// Everybody at a location, or everywhere, in the order of the line.
    pub async fn all(db: &mut PgConnection, location: Option<Id<Location>>) -> Result<Vec<Entry>> {
        let filter = Filter {
            location,
            ..Filter::default()
        };
        Self::read(db, filter).await
    }

    /// Also one whose waiting is over.
    pub async fn find(db: &mut PgConnection, reference: &str) -> Result<Option<Entry>> {
        let filter = Filter {
            reference: Some(&reference.to_uppercase()),
            ended: true,
            ..Filter::default()
        };
        Ok(Self::read(db, filter).await?.pop())
    }

    /// One's own, or anybody's for staff; anything else is not there.
    pub async fn changeable_by(
        db: &mut PgConnection,
        member: Id<Member>,
        is_staff: bool,
        reference: &str,
    ) -> Result<Option<Entry>> {
        let found = Self::find(db, reference).await?;
        Ok(found.filter(|entry| is_staff || entry.member == member))
    }

    /// Who waits for a space, the first in the line first.
    pub(super) async fn in_line(db: &mut PgConnection, space: Id<Space>) -> Result<Vec<Entry>> {
        let filter = Filter {
            space: Some(space),
            ..Filter::default()
        };
        Self::read(db, filter).await
    }

    async fn read(db: &mut PgConnection, filter: Filter<'_>) -> Result<Vec<Entry>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select w.id, w.reference, w.member_id, m.name as member_name, m.reference as member_reference,
                      m.phone as member_phone, w.location_id, l.name as location_name, l.slug as location_slug, l.time_zone,
                      w.kind, w.space_id, s.name as "space_name?", s.slug as "space_slug?", w.people, w.term,
                      w.during, w.minutes, w.count, w.first_day, w.last_day, w.created_at,
                      b.reference as "offer?", o.name as "offered_space?", b.hold_expires_at as "offer_until?"
               from waitlist_entries w
               join members m on m.id = w.member_id
               join locations l on l.id = w.location_id
               left join spaces s on s.id = w.space_id
               left join bookings b on b.id = w.offer_id
               left join spaces o on o.id = b.space_id
               where (w.ended_at is null or $5)
                 and ($1::text is null or w.reference = $1)
                 and ($2::uuid is null or w.member_id = $2)
                 and ($3::uuid is null or w.location_id = $3)
                 and ($4::uuid is null or exists (select from waiting x where x.entry_id = w.id and x.space_id = $4))
               order by w.created_at, w.id limit 500"#,
            filter.reference,
            filter.member.map(Id::get),
            filter.location.map(Id::get),
            filter.space.map(Id::get),
            filter.ended,
        )
        .fetch_all(db)
        .await?;
        rows.into_iter().map(Entry::try_from).collect()
    }
}

struct Row {
    id: Uuid,
    reference: String,
    member_id: Uuid,
    member_name: String,
    member_reference: String,
    member_phone: Option<String>,
    location_id: Uuid,
    location_name: String,
    location_slug: String,
    time_zone: String,
    kind: String,
    space_id: Option<Uuid>,
    space_name: Option<String>,
    space_slug: Option<String>,
    people: i32,
    term: String,
    during: Option<PgRange<DateTime<Utc>>>,
    minutes: Option<i32>,
    count: Option<i32>,
    first_day: NaiveDate,
    last_day: NaiveDate,
    created_at: DateTime<Utc>,
    offer: Option<String>,
    offered_space: Option<String>,
    offer_until: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Entry {
    type Error = crate::error::Error;

    fn try_from(row: Row) -> Result<Entry> {
        let count = row.count.unwrap_or(1).unsigned_abs();
        let shape = match (row.term.as_str(), row.during, row.minutes) {
            ("time", Some(during), _) => Shape::At(during.into()),
            ("time", None, minutes) => Shape::Minutes(minutes.unwrap_or(60).into()),
            ("week", ..) => Shape::Let(Unit::Week, count),
            ("month", ..) => Shape::Let(Unit::Month, count),
            _ => Shape::Days(count),
        };
        let space = row.space_id.map(Id::from);
        let offer = row.offer.zip(row.offered_space).zip(row.offer_until);
        Ok(Entry {
            id: row.id,
            reference: row.reference,
            member: row.member_id.into(),
            member_name: row.member_name,
            member_reference: row.member_reference,
            member_phone: row.member_phone,
            location: row.location_id.into(),
            location_name: row.location_name,
            location_slug: row.location_slug,
            zone: Zone::named(&row.time_zone)?,
            kind: row.kind.parse().map_err(anyhow::Error::msg)?,
            space: space
                .zip(row.space_name)
                .zip(row.space_slug)
                .map(|((id, name), slug)| (id, name, slug)),
            people: row.people,
            wished: Wished {
                shape,
                first: row.first_day,
                last: row.last_day,
            },
            since: row.created_at,
            offer: offer.map(|((reference, space), until)| Offered {
                reference,
                space,
                until,
            }),
        })
    }
}
