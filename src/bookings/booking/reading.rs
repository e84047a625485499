//! Bookings as the database has them.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{Booking, Drawn, Price, Status};
use crate::{
    bookings::{
        extras::ordered::Ordered,
        policy::{Cancellation, Overrun},
        series::Series,
        term::{Let, Term, Unit},
    },
    error::Result,
    id::Id,
    members::member::Member,
    money::Money,
    spaces::space::Space,
    time::{Span, Zone},
};

/// Reads bookings, as the words after the tables say. Each way of asking is a statement of its own: PostgreSQL plans
/// one that leaves nothing open once, and a row as wide as this costs more to plan than to read.
macro_rules! read {
    ($db:expr, $which:tt, $($value:expr),+ $(,)?) => {{
        let rows = sqlx::query_as!(
            Row,
            r#"select b.id, b.reference, b.space_id, s.name as space, s.slug as space_slug, s.kind, f.name as floor,
                   l.id as location_id, l.name as location, l.slug as location_slug, l.emblem, l.time_zone, b.member_id, m.name as member_name,
                   m.email as member_email, m.phone as member_phone, b.created_by,
                   (select made.name from members made where made.id = b.created_by and made.id <> b.member_id
                    and not exists (select from staff where member_id = made.id)) as booked_by, b.term, b.during as "during!", b.last_day, b.term_count, b.people, b.layout, b.title, b.notes, b.status,
                   b.contact_name, b.contact_phone, b.purchase_order, b.first_refusal, c.name as "company?", c.slug as "company_slug?",
                   b.hold_expires_at, b.hold_extended,
                   coalesce(b.hold_expires_at > now(), b.status = 'pending') as "holds!", b.confirmed_at is not null as "charged!",
                   b.price as "price: Json<Price>", b.total_cents, b.vat_cents, b.currency,
                   b.cancellation as "cancellation: Json<Cancellation>", b.overrun as "overrun: Json<Overrun>", b.terms_version, b.kept_cents, b.sequence, b.version, b.created_at,
                   b.cancelled_at, b.arrived_at, b.left_at, b.missed_at, b.competes, b.decision_note,
                   (select r.reference from series r where r.id = b.series_id) as series,
                   (select coalesce(jsonb_agg(jsonb_build_object('date', d.on_date, 'reference', p.reference, 'name', p.name,
                               'begins', lower(d.during), 'spent', d.active or d.kept, 'kept', d.kept) order by d.on_date), '[]')
                    from pass_days d join passes p on p.id = d.pass_id
                    where d.booking_id = b.id) as "drawn!: Json<Vec<Drawn>>",
                   (select coalesce(jsonb_agg(jsonb_build_object('slug', x.slug, 'name', x.name, 'unit', x.unit, 'quantity', e.quantity,
                               'cents', e.cents) order by x.position, x.name), '[]')
                    from booking_extras e join extras x on x.id = e.extra_id
                    where e.booking_id = b.id) as "extras!: Json<Vec<Ordered>>"
            from bookings b
            join spaces s on s.id = b.space_id
            join floors f on f.id = s.floor_id
            join locations l on l.id = s.location_id
            join members m on m.id = b.member_id
            join accounts a on a.id = b.account_id
            left join companies c on c.id = a.company_id
            "# + $which,
            $($value),+
        )
        .fetch_all($db)
        .await?;
        rows.into_iter().map(Booking::try_from).collect::<Result<Vec<Booking>>>()
    }};
}

/// Which ones of many; what is not said is not asked.
#[derive(Default)]
pub(super) struct Filter<'a> {
    pub ids: Option<&'a [Uuid]>,
    pub member: Option<Id<Member>>,
    pub space: Option<Id<Space>>,
    pub series: Option<Id<Series>>,
    /// Only what is booked at the expense of the companies whose admin they are: by others, or what has ended by
    /// anybody.
    pub admin: Option<Id<Member>>,
    pub ends_after: Option<DateTime<Utc>>,
    pub ends_by: Option<DateTime<Utc>>,
    /// The reference of the booking before, when those that ended are read page by page.
    pub after: Option<&'a str>,
    pub most: i64,
}

impl Booking {
    pub async fn by_id(db: &mut PgConnection, id: Id<Booking>) -> Result<Option<Booking>> {
        Ok(read!(db, "where b.id = $1", id.get())?.pop())
    }

    pub(super) async fn by_reference(
        db: &mut PgConnection,
        reference: &str,
    ) -> Result<Option<Booking>> {
        Ok(read!(db, "where b.reference = $1", reference)?.pop())
    }

    /// A member's bookings that end after `since`, earliest first: holds and expired ones left out.
    pub async fn upcoming(
        db: &mut PgConnection,
        member: Id<Member>,
        since: DateTime<Utc>,
    ) -> Result<Vec<Booking>> {
        read!(
            db,
            "where b.member_id = $1 and b.created_by is not null and upper(b.during) > $2
               and (b.status not in ('held', 'expired') or b.hold_expires_at > now())
             order by lower(b.during)
             limit 1000",
            member.get(),
            since,
        )
    }

    pub(super) async fn read(db: &mut PgConnection, filter: Filter<'_>) -> Result<Vec<Booking>> {
        let of_companies = match filter.admin {
            Some(admin) => Some(OfCompanies::of(&mut *db, admin).await?),
            None => None,
        };
        if of_companies.as_ref().is_some_and(|of| of.all.is_empty()) {
            return Ok(Vec::new());
        }
        let of_companies = of_companies.unwrap_or_default();
        read!(
            db,
            "where ($1::uuid is null or b.member_id = $1 and b.created_by is not null
                                      and (b.status not in ('held', 'expired') or b.hold_expires_at > now()))
               and ($2::timestamptz is null or upper(b.during) > $2)
               and ($3::timestamptz is null or upper(b.during) <= $3)
               and ($4::text is null or (upper(b.during), b.id) < (
                   select upper(seen.during), seen.id from bookings seen
                   where seen.reference = $4 and (seen.member_id = $1 or seen.account_id = any($11)
                                                or seen.account_id = any($10) and seen.created_by = $6)))
               and ($6::uuid is null or ($3::timestamptz is not null or b.member_id <> $6)
                                      and b.status not in ('held', 'expired')
                                      and b.account_id = any($10)
                                      and (b.account_id = any($11) or b.created_by = $6 and b.member_id <> $6))
               and ($7::uuid[] is null or b.id = any($7))
               and ($8::uuid is null or b.space_id = $8 and b.created_by is not null)
               and ($9::uuid is null or b.series_id = $9)
             order by case when $3::timestamptz is not null then upper(b.during) end desc,
                      case when $3::timestamptz is not null then b.id end desc,
                      lower(b.during)
             limit $5",
            filter.member.map(Id::get),
            filter.ends_after,
            filter.ends_by,
            filter.after,
            filter.most,
            filter.admin.map(Id::get),
            filter.ids,
            filter.space.map(Id::get),
            filter.series.map(Id::get),
            &of_companies.all,
            &of_companies.administered,
        )
    }
}

/// The accounts of the companies that somebody books for.
#[derive(Default)]
struct OfCompanies {
    all: Vec<Uuid>,
    /// Those whose admin they are.
    administered: Vec<Uuid>,
}

impl OfCompanies {
    async fn of(db: &mut PgConnection, member: Id<Member>) -> Result<OfCompanies> {
        let accounts = sqlx::query!(
            "select a.id, p.role from accounts a join company_people p on p.company_id = a.company_id
             where p.member_id = $1 and p.role in ('admin', 'booker')",
            member.get()
        )
        .fetch_all(db)
        .await?;
        let administered = accounts.iter().filter(|account| account.role == "admin");
        Ok(OfCompanies {
            administered: administered.map(|account| account.id).collect(),
            all: accounts.iter().map(|account| account.id).collect(),
        })
    }
}

struct Row {
    id: Uuid,
    reference: String,
    space_id: Uuid,
    space: String,
    space_slug: String,
    kind: String,
    floor: String,
    location_id: Uuid,
    location: String,
    location_slug: String,
    emblem: String,
    time_zone: String,
    member_id: Uuid,
    member_name: String,
    member_email: Option<String>,
    member_phone: Option<String>,
    created_by: Option<Uuid>,
    booked_by: Option<String>,
    term: String,
    during: sqlx::postgres::types::PgRange<DateTime<Utc>>,
    last_day: Option<NaiveDate>,
    term_count: Option<i32>,
    people: i32,
    layout: Option<String>,
    title: String,
    notes: String,
    contact_name: String,
    contact_phone: Option<String>,
    purchase_order: String,
    first_refusal: bool,
    company: Option<String>,
    company_slug: Option<String>,
    status: String,
    hold_expires_at: Option<DateTime<Utc>>,
    hold_extended: bool,
    holds: bool,
    charged: bool,
    price: Json<Price>,
    total_cents: i64,
    vat_cents: i64,
    currency: String,
    cancellation: Json<Cancellation>,
    overrun: Option<Json<Overrun>>,
    terms_version: String,
    kept_cents: Option<i64>,
    sequence: i32,
    version: i32,
    created_at: DateTime<Utc>,
    cancelled_at: Option<DateTime<Utc>>,
    arrived_at: Option<DateTime<Utc>>,
    left_at: Option<DateTime<Utc>>,
    missed_at: Option<DateTime<Utc>>,
    competes: bool,
    decision_note: String,
    series: Option<String>,
    drawn: Json<Vec<Drawn>>,
    extras: Json<Vec<Ordered>>,
}

fn term(row: &Row, during: Span, zone: Zone) -> Term {
    let first = zone.date(during.from);
    let unit = match row.term.as_str() {
        "time" => return Term::Time(during),
        "week" => Unit::Week,
        "month" => Unit::Month,
        _ => {
            let last = row.last_day.unwrap_or_else(|| zone.date(during.until));
            return Term::Days { first, last };
        }
    };
    let count = row.term_count.unwrap_or(1).unsigned_abs();
    Term::Let(Let { unit, count, first })
}

impl TryFrom<Row> for Booking {
    type Error = crate::error::Error;

    fn try_from(row: Row) -> Result<Booking> {
        let zone = Zone::named(&row.time_zone)?;
        let during: Span = row.during.into();
        let status = Status::named(&row.status)?;
        Ok(Booking {
            id: row.id.into(),
            term: term(&row, during, zone),
            kind: row.kind.parse().map_err(anyhow::Error::msg)?,
            status,
            reference: row.reference,
            space_id: row.space_id,
            space: row.space,
            space_slug: row.space_slug,
            floor: row.floor,
            location_id: row.location_id.into(),
            location: row.location,
            location_slug: row.location_slug,
            emblem: row.emblem,
            zone,
            member: row.member_id.into(),
            member_name: row.member_name,
            member_email: row.member_email,
            member_phone: row.member_phone,
            created_by: row.created_by.map(Id::from),
            booked_by: row.booked_by,
            during,
            people: row.people,
            layout: row.layout.and_then(|layout| layout.parse().ok()),
            title: row.title,
            notes: row.notes,
            contact_name: row.contact_name,
            contact_phone: row.contact_phone,
            company: row.company,
            company_slug: row.company_slug,
            purchase_order: row.purchase_order,
            first_refusal: row.first_refusal,
            hold_expires_at: row.hold_expires_at,
            hold_extended: row.hold_extended,
            holds: row.holds,
            charged: row.charged,
            price: row.price.0,
            total: Money::cents(row.total_cents),
            vat: Money::cents(row.vat_cents),
            currency: row.currency,
            cancellation: row.cancellation.0,
            overrun: row.overrun.map(|terms| terms.0),
            terms_version: row.terms_version,
            kept: row.kept_cents.map(Money::cents),
            sequence: row.sequence,
            version: row.version,
            created_at: row.created_at,
            cancelled_at: row.cancelled_at,
            arrived_at: row.arrived_at,
            left_at: row.left_at,
            missed_at: row.missed_at,
            competes: row.competes,
            decision_note: row.decision_note,
            drawn: row.drawn.0,
            extras: row.extras.0,
            series: row.series,
        })
    }
}
