//! All bookings as the front desk looks for them: by words, filtered, sorted, page by page from where the
//! last page ended, so that the thousandth page is as fast as the first.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use sqlx::{PgConnection, postgres::types::PgRange, types::Json};
use uuid::Uuid;

use super::{
    booking::Status,
    extras::ordered::{self, Ordered},
};
use crate::{
    error::Result,
    form,
    id::Id,
    locations::location::Location,
    members::{find, member::Member},
    money::Money,
    spaces::space::Kind,
    time::{Span, Zone, long_date},
};

/// What is looked for; what is not said is not asked.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    /// A reference or how it begins, letters of a name, a company or a space, or how a phone number ends.
    pub words: String,
    pub location: Option<Id<Location>>,
    pub kind: Option<Kind>,
    pub status: Option<Status>,
    /// Those that begin on this day or later, by the clock of `zone`.
    pub first: Option<NaiveDate>,
    /// And on this day or before.
    pub last: Option<NaiveDate>,
    pub channel: Option<&'static str>,
    pub made_by: Option<Id<Member>>,
    pub sort: Sort,
    /// The reference of the booking that the page before ended with.
    pub after: Option<String>,
    /// Only of the locations that somebody manages; `None` for all.
    pub managed: Option<Id<Location>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The earliest first.
    #[default]
    Start,
    /// The latest first.
    Latest,
    /// What was booked last first.
    Booked,
}

impl Sort {
    pub const ALL: [Sort; 3] = [Sort::Start, Sort::Latest, Sort::Booked];

    pub fn key(self) -> &'static str {
        match self {
            Sort::Start => "start",
            Sort::Latest => "latest",
            Sort::Booked => "booked",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Sort::Start => "Earliest first",
            Sort::Latest => "Latest first",
            Sort::Booked => "Booked last first",
        }
    }

    pub fn named(key: &str) -> Option<Sort> {
        Sort::ALL.into_iter().find(|sort| sort.key() == key)
    }
}

/// How bookings were made: as the database has it, and in words.
pub const CHANNELS: [(&str, &str); 6] = [
    ("web", "Online"),
    ("phone", "Phone"),
    ("desk", "Desk"),
    ("api", "API"),
    ("waitlist", "Waitlist"),
    ("door", "At the door"),
];

pub const STATUSES: [Status; 9] = [
    Status::Held,
    Status::Pending,
    Status::Confirmed,
    Status::CheckedIn,
    Status::Completed,
    Status::NoShow,
    Status::Cancelled,
    Status::Declined,
    Status::Expired,
];

#[derive(Clone, Debug)]
pub struct Row {
    pub id: Id<Row>,
    pub reference: String,
    pub status: Status,
    /// It is held no longer, whatever its status still says.
    pub run_out: bool,
    pub space: String,
    pub space_slug: String,
    pub kind: Kind,
    pub location: String,
    pub zone: Zone,
    pub during: Span,
    pub people: i32,
    pub layout: Option<String>,
    pub title: String,
    pub notes: String,
    pub member: Id<Member>,
    pub name: String,
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// Whom to call on the day, where it is somebody else.
    pub contact_name: String,
    pub contact_phone: Option<String>,
    /// The company that pays; empty for the member.
    pub company: String,
    pub purchase_order: String,
    /// What goes with it.
    pub extras: String,
    pub channel: String,
    pub made_by: Option<String>,
    pub total: Money,
    pub vat: Money,
    pub created_at: DateTime<Utc>,
}

impl Row {
    /// `Tue 24 November`
    pub fn day(&self, now: &DateTime<Utc>) -> String {
        long_date(self.zone.date(self.during.from), self.zone.date(*now))
    }

    /// `09:00–11:30`, or with its last day.
    pub fn hours(&self, now: &DateTime<Utc>) -> String {
        let (from, until) = (
            self.zone.date(self.during.from),
            self.zone.date(self.during.until),
        );
        let today = self.zone.date(*now);
        if from == until {
            return self.zone.range(self.during, today);
        }
        format!(
            "{} to {} {}",
            self.zone.clock(self.during.from),
            long_date(until, today),
            self.zone.clock(self.during.until)
        )
    }

    pub fn phone_words(&self) -> String {
        self.phone
            .as_deref()
            .map(form::phone_words)
            .unwrap_or_default()
    }

    /// Whom to call on the day, and how.
    pub fn on_the_day(&self) -> String {
        let phone = self.contact_phone.as_deref().map(form::phone_words);
        let parts = [self.contact_name.clone(), phone.unwrap_or_default()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }

    pub fn channel_words(&self) -> &'static str {
        let known = CHANNELS.iter().find(|(key, _)| *key == self.channel);
        known.map_or("", |(_, words)| words)
    }

    pub fn shown_status(&self) -> Status {
        if self.run_out {
            Status::Expired
        } else {
            self.status
        }
    }

    pub fn can_be_cancelled(&self) -> bool {
        matches!(
            self.shown_status(),
            Status::Held | Status::Pending | Status::Confirmed | Status::CheckedIn
        )
    }

    pub fn tone(&self) -> &'static str {
        match self.shown_status() {
            Status::Confirmed | Status::CheckedIn => "ok",
            Status::Held | Status::Pending => "warn",
            Status::NoShow => "bad",
            _ => "",
        }
    }
}

/// What the words may stand for.
#[derive(Clone, Debug, Default)]
pub struct Meant {
    members: Vec<Uuid>,
    spaces: Vec<Uuid>,
    reference: Option<String>,
}

/// People that words may stand for; more are narrowed by another word.
const PEOPLE: i64 = 300;

impl Sought {
    /// What its words may stand for, which may be asked for more than one page; `None` without words.
    pub async fn meant(&self, db: &mut PgConnection) -> Result<Option<Meant>> {
        match self.words.trim() {
            "" => Ok(None),
            words => Ok(Some(meant(db, words).await?)),
        }
    }

    /// `most` of them, from `after` on; one more says that there are further ones.
    pub async fn page(
        &self,
        db: &mut PgConnection,
        meant: Option<&Meant>,
        most: i64,
    ) -> Result<Vec<Row>> {
        let ids = self.ids(db, meant, most).await?;
        let mut rows = read(db, &ids).await?;
        rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id.get()));
        Ok(rows)
    }

    async fn ids(
        &self,
        db: &mut PgConnection,
        meant: Option<&Meant>,
        most: i64,
    ) -> Result<Vec<Uuid>> {
        let narrowed = self.spaces(&mut *db).await?;
        // The plan depends on what is asked: a general one reads too much.
        sqlx::query_scalar!("select set_config('plan_cache_mode', 'force_custom_plan', false)")
            .fetch_one(&mut *db)
            .await?;
        let found = self.found(&mut *db, narrowed, meant.cloned(), most).await;
        sqlx::query_scalar!("select set_config('plan_cache_mode', 'auto', false)")
            .fetch_one(db)
            .await?;
        found
    }

    async fn found(
        &self,
        db: &mut PgConnection,
        narrowed: Option<Vec<Uuid>>,
        meant: Option<Meant>,
        most: i64,
    ) -> Result<Vec<Uuid>> {
        let (from, until) = self.window();
        let status = self.status.map(Status::key);
        let made_by = self.made_by.map(Id::get);
        let after = self.after.as_deref();
        let any = meant.is_some();
        let mut meant = meant.unwrap_or_default();
        if let Some(narrowed) = &narrowed {
            meant.spaces.retain(|space| narrowed.contains(space));
        }
        let narrowed = narrowed.as_deref();
        // Few bookings are of a channel or a maker, and they stand in order: the others are looked for apart.
        let apart = any && self.channel.is_none() && made_by.is_none();
        macro_rules! sorted {
            ($after:literal, $order:literal) => {
                sorted!(
                    " ($1::uuid[] is null or b.space_id = any($1)) and ($2::text is null or b.status = $2)
                      and ($3::timestamptz is null or lower(b.during) >= $3) and ($4::timestamptz is null or lower(b.during) < $4)
                      and ($5::text is null or ",
                    $after,
                    $order
                )
            };
            ($asked:literal, $after:literal, $order:literal) => {
                match apart {
                    // Of each space and each person that may be meant as many as a page has.
                    true => sqlx::query_scalar!(
                        r#"select b.id as "id!" from (
                               select b.id, b.during from unnest($7::uuid[]) as m (id) cross join lateral (
                                   select b.id, b.during from bookings b where b.member_id = m.id and "#
                            + $asked + $after + ") order by " + $order + " limit $6) b
                               union
                               select b.id, b.during from unnest($8::uuid[]) as s (id) cross join lateral (
                                   select b.id, b.during from bookings b where b.space_id = s.id and "
                            + $asked + $after + ") order by " + $order + " limit $6) b
                               union
                               select b.id, b.during from bookings b where b.reference like $9 and "
                            + $asked + $after + ")) b order by " + $order + " limit $6",
                        narrowed as Option<&[Uuid]>,
                        status,
                        from,
                        until,
                        after,
                        most,
                        &meant.members,
                        &meant.spaces,
                        meant.reference
                    )
                    .fetch_all(db)
                    .await?,
                    false => sqlx::query_scalar!(
                        "select b.id from bookings b where "
                            + $asked + $after + ")
                          and (not $7 or b.member_id = any($8) or b.space_id = any($9) or b.reference like $10)
                          and ($11::text is null or b.channel = $11 and ($11 = 'web' or b.channel <> 'web'))
                          and ($12::uuid is null or b.created_by = $12 and b.created_by <> b.member_id)
                          order by " + $order + " limit $6",
                        narrowed as Option<&[Uuid]>,
                        status,
                        from,
                        until,
                        after,
                        most,
                        any,
                        &meant.members,
                        &meant.spaces,
                        meant.reference,
                        self.channel,
                        made_by
                    )
                    .fetch_all(db)
                    .await?,
                }
            };
        }
        Ok(match self.sort {
            Sort::Start => sorted!(
                "(lower(b.during), b.id) > (select lower(during), id from bookings where reference = $5)",
                "lower(b.during), b.id"
            ),
            Sort::Latest => sorted!(
                "(lower(b.during), b.id) < (select lower(during), id from bookings where reference = $5)",
                "lower(b.during) desc, b.id desc"
            ),
            // Ids grow with the time of booking.
            Sort::Booked => sorted!(
                "b.id < (select id from bookings where reference = $5)",
                "b.id desc"
            ),
        })
    }

    /// The days by the clock of Durban, where most of the house is: a list spans all locations.
    fn window(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let zone = Zone::named("Africa/Johannesburg").ok();
        let midnight = |date: NaiveDate| {
            let wall = date.and_time(NaiveTime::MIN);
            zone.map_or(wall.and_utc(), |zone| zone.first_instant(wall))
        };
        let after = self.last.map(|last| last + Days::new(1));
        (self.first.map(midnight), after.map(midnight))
    }

    /// Those of the location and the kind; `None` for all.
    async fn spaces(&self, db: &mut PgConnection) -> Result<Option<Vec<Uuid>>> {
        if self.location.is_none() && self.kind.is_none() && self.managed.is_none() {
            return Ok(None);
        }
        let spaces = sqlx::query_scalar!(
            "select id from spaces where ($1::uuid is null or location_id = $1) and ($2::text is null or kind = $2)
                                     and ($3::uuid is null or location_id = $3)",
            self.location.map(Id::get),
            self.kind.map(Kind::key),
            self.managed.map(Id::get)
        )
        .fetch_all(db)
        .await?;
        Ok(Some(spaces))
    }
}

/// The letters of a reference, if words may be one or how one begins.
fn letters(words: &str) -> Option<String> {
    let plain: String = words.to_uppercase().split_whitespace().collect();
    let letters = plain.strip_prefix("CS-").or(plain.strip_prefix("CS"));
    let letters = letters.unwrap_or(&plain);
    let fits =
        (2..=5).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| letters.to_owned())
}

/// The whole reference that words may be.
pub fn reference(words: &str) -> Option<String> {
    let whole = letters(words).filter(|letters| letters.len() == 5);
    whole.map(|letters| format!("CS-{letters}"))
}

async fn meant(db: &mut PgConnection, words: &str) -> Result<Meant> {
    let people = find::people(&mut *db, words, PEOPLE).await?;
    let spaces = sqlx::query_scalar!(
        r#"select s.id from spaces s join locations l on l.id = s.location_id
           where not exists (
               select from unnest($1::text[]) word
               where position(' ' || word in ' ' || lower(s.name || ' ' || l.name)) = 0)"#,
        &words
            .to_lowercase()
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    Ok(Meant {
        members: people.into_iter().map(|found| found.id.get()).collect(),
        spaces,
        reference: letters(words).map(|letters| format!("CS-{letters}%")),
    })
}

async fn read(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Row>> {
    let rows = sqlx::query!(
        r#"select b.id, b.reference, b.status, coalesce(b.hold_expires_at <= now(), false) as "run_out!",
                  s.name as space, s.slug as space_slug, s.kind, l.name as location, l.time_zone,
                  b.during as "during!: PgRange<DateTime<Utc>>", b.people, b.layout, b.title, b.notes, b.member_id,
                  case when b.channel = 'door' and b.created_by is null then 'At the door' else m.name end as "name!",
                  case when b.created_by is not null or b.channel <> 'door' then m.email end as email,
                  case when b.created_by is not null or b.channel <> 'door' then m.phone end as phone, b.contact_name, b.contact_phone, coalesce(c.name, '') as "company!",
                  b.purchase_order, b.channel, k.name as "made_by?", b.total_cents, b.vat_cents, b.created_at,
                  (select coalesce(jsonb_agg(jsonb_build_object('slug', x.slug, 'name', x.name, 'unit', x.unit, 'quantity', e.quantity,
                              'cents', e.cents) order by x.position, x.name), '[]')
                   from booking_extras e join extras x on x.id = e.extra_id
                   where e.booking_id = b.id) as "extras!: Json<Vec<Ordered>>"
           from bookings b
           join spaces s on s.id = b.space_id
           join locations l on l.id = s.location_id
           join members m on m.id = b.member_id
           join accounts a on a.id = b.account_id
           left join companies c on c.id = a.company_id
           left join members k on k.id = b.created_by and k.id <> b.member_id
           where b.id = any($1)"#,
        ids
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Row {
                id: row.id.into(),
                status: Status::named(&row.status)?,
                run_out: row.run_out,
                reference: row.reference,
                space: row.space,
                space_slug: row.space_slug,
                kind: row.kind.parse().map_err(anyhow::Error::msg)?,
                location: row.location,
                zone: Zone::named(&row.time_zone)?,
                during: row.during.into(),
                people: row.people,
                layout: row.layout,
                title: row.title,
                notes: row.notes,
                member: row.member_id.into(),
                name: row.name,
                email: row.email,
                phone: row.phone,
                contact_name: row.contact_name,
                contact_phone: row.contact_phone,
                company: row.company,
                purchase_order: row.purchase_order,
                extras: ordered::words(&row.extras.0),
                channel: row.channel,
                made_by: row.made_by,
                total: Money::cents(row.total_cents),
                vat: Money::cents(row.vat_cents),
                created_at: row.created_at,
            })
        })
        .collect()
}

/// Who has made bookings for others: whom a list may be filtered by.
pub async fn makers(db: &mut PgConnection) -> Result<Vec<(Id<Member>, String)>> {
    let makers = sqlx::query!(
        "select m.id, m.name from staff s join members m on m.id = s.member_id order by m.name"
    )
    .fetch_all(db)
    .await?;
    Ok(makers
        .into_iter()
        .map(|row| (row.id.into(), row.name))
        .collect())
}

/// The bookings of a location that take a part of a day, by space and time, as the day sheet prints them.
pub async fn of_day(
    db: &mut PgConnection,
    location: &Location,
    date: NaiveDate,
) -> Result<Vec<Row>> {
    let midnight = |date: NaiveDate| location.zone.first_instant(date.and_time(NaiveTime::MIN));
    let ids = sqlx::query_scalar!(
        "select b.id from bookings b join spaces s on s.id = b.space_id
         join occupancies o on o.booking_id = b.id and o.active
         where s.location_id = $1 and o.during && tstzrange($2, $3)
           and b.status in ('held', 'pending', 'confirmed', 'checked_in', 'completed')
           and (b.hold_expires_at is null or b.hold_expires_at > now())
         order by s.kind, s.position, s.name, lower(b.during)",
        location.id.get(),
        midnight(date),
        midnight(date + Days::new(1))
    )
    .fetch_all(&mut *db)
    .await?;
    let mut rows = read(db, &ids).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id.get()));
    Ok(rows)
}
