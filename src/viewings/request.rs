//! A request to see a location: stored first, told to the location and the prospect after, and what
//! the same person sends again within two weeks folded into it.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    news, note, stage,
    viewing::{Source, Status, Term, Viewing},
};
use crate::{
    audit,
    error::Result,
    form,
    id::{self, Id},
    jobs::{self, Job},
    locations::location::Location,
    members::{consent::Channel, member::Member},
    money::Money,
    spaces::space::Kind,
    time::long_date,
};

/// Somebody we may know or not, and how to reach them: at least one way.
#[derive(Clone, Debug, Default)]
pub struct Prospect {
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}

impl Prospect {
    /// Email or phone in one field; empty is an error.
    pub fn reached_by(text: &str) -> Result<(Option<String>, Option<String>), String> {
        match text {
            text if text.trim().is_empty() => {
                Err("Enter your email address or mobile number.".into())
            }
            text if text.contains('@') => form::email(text).map(|email| (Some(email), None)),
            text => match form::phone(text) {
                Ok(phone) => Ok((None, Some(phone))),
                Err(_) => Err(
                    "Enter an email address like name@example.com, or a number like 082 123 4567."
                        .into(),
                ),
            },
        }
    }

    /// As their sendings are counted by.
    pub fn address(&self) -> &str {
        self.email
            .as_deref()
            .or(self.phone.as_deref())
            .unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
pub struct Request {
    pub prospect: Prospect,
    pub company: String,
    pub interests: Vec<Kind>,
    pub people: Option<i32>,
    pub starts_on: Option<NaiveDate>,
    pub term: Term,
    pub budget: Option<Money>,
    /// Of those that were offered.
    pub wished: Vec<DateTime<Utc>>,
    pub message: String,
    pub channels: Vec<Channel>,
    pub source: Source,
    pub broker: String,
}

impl Request {
    /// What goes into the viewing's log.
    fn words(&self, place: &Location, now: DateTime<Utc>) -> String {
        let today = place.zone.date(now);
        let kinds: Vec<&str> = self.interests.iter().map(|kind| kind.label()).collect();
        let times: Vec<String> = (self.wished.iter())
            .map(|at| {
                format!(
                    "{} {}",
                    long_date(place.zone.date(*at), today),
                    place.zone.clock(*at)
                )
            })
            .collect();
        let lines = [
            (!kinds.is_empty()).then(|| format!("For: {}", kinds.join(", ").to_lowercase())),
            self.people.map(|people| format!("People: {people}")),
            (self.starts_on).map(|date| format!("From: {}", long_date(date, today))),
            (!times.is_empty()).then(|| format!("Times: {}", times.join(" or "))),
            (!self.message.is_empty()).then(|| self.message.clone()),
        ];
        let lines: Vec<String> = lines.into_iter().flatten().collect();
        if lines.is_empty() {
            "Wants to see the place.".to_owned()
        } else {
            lines.join("\n")
        }
    }
}

/// Keeps a request. `spam` is why it is set aside: then nobody is mailed. `by` is whoever of staff
/// entered it.
pub async fn receive(
    tx: &mut PgConnection,
    place: &Location,
    request: &Request,
    spam: Option<&str>,
    by: Option<Id<Member>>,
    network: &str,
    now: DateTime<Utc>,
) -> Result<Id<Viewing>> {
    one_at_a_time(tx, &request.prospect).await?;
    let words = request.words(place, now);
    let known = earlier(tx, place, &request.prospect, spam.is_some()).await?;
    let viewing = match known {
        Some(earlier) if is_the_same(tx, earlier, &words).await? => return Ok(earlier),
        Some(earlier) => {
            fold(tx, earlier, request).await?;
            earlier
        }
        None => insert(tx, place, request, spam, now).await?,
    };
    note::add(tx, viewing, note::Kind::Request, &words, by).await?;
    news::agree(tx, &request.prospect, &request.channels, network).await?;
    let detail =
        json!({"source": request.source, "again": known.is_some(), "spam": spam.is_some()});
    audit::record(
        tx,
        by.map(Id::get),
        "request",
        "viewings",
        viewing.get(),
        detail,
    )
    .await?;
    if spam.is_none() && by.is_none() {
        let viewing = viewing.get();
        jobs::enqueue(tx, &Job::ViewingRequested { viewing }).await?;
        jobs::enqueue(tx, &Job::ViewingArrived { viewing }).await?;
    }
    Ok(viewing)
}

/// Two sendings of one person at once would each find nothing of the other.
async fn one_at_a_time(tx: &mut PgConnection, prospect: &Prospect) -> Result<()> {
    for address in [&prospect.email, &prospect.phone].into_iter().flatten() {
        sqlx::query!(
            "select pg_advisory_xact_lock(hashtextextended('prospect ' || $1, 0))",
            address
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// What the same person asked of the same location not long ago.
async fn earlier(
    tx: &mut PgConnection,
    place: &Location,
    prospect: &Prospect,
    is_spam: bool,
) -> Result<Option<Id<Viewing>>> {
    let id = sqlx::query_scalar!(
        "select id from viewings
         where (email = $1 or phone = $2) and created_at > now() - interval '14 days'
           and status not in ('won', 'lost') and (status = 'spam') = $3 and location_id = $4
         order by created_at desc limit 1 for no key update",
        prospect.email.as_deref(),
        prospect.phone.as_deref(),
        is_spam,
        place.id.get()
    )
    .fetch_optional(tx)
    .await?;
    Ok(id.map(Id::from))
}

/// A double click, or the form sent again.
async fn is_the_same(tx: &mut PgConnection, viewing: Id<Viewing>, words: &str) -> Result<bool> {
    let last = sqlx::query_scalar!(
        "select body from viewing_notes where viewing_id = $1 and kind = 'request' order by at desc, id desc limit 1",
        viewing.get()
    )
    .fetch_optional(tx)
    .await?;
    Ok(last.as_deref() == Some(words))
}

/// What is new goes into what is there; nothing that we know is taken away, since the sender has not
/// shown that they are the same person.
async fn fold(tx: &mut PgConnection, viewing: Id<Viewing>, request: &Request) -> Result<()> {
    sqlx::query!(
        "update viewings set
             email = coalesce(email, $2), phone = coalesce(phone, $3),
             company = case when company = '' then $4 else company end,
             interests = array(select distinct unnest(interests || $5::text[]) order by 1),
             people = coalesce($6, people), starts_on = coalesce($7, starts_on),
             wished = (array(select distinct unnest($8::timestamptz[] || wished) order by 1))[1:6],
             version = version + 1, changed_at = now()
         where id = $1",
        viewing.get(),
        request.prospect.email.as_deref(),
        request.prospect.phone.as_deref(),
        request.company,
        &keys(&request.interests),
        request.people,
        request.starts_on,
        &request.wished
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert(
    tx: &mut PgConnection,
    place: &Location,
    request: &Request,
    spam: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Id<Viewing>> {
    let id: Id<Viewing> = Id::fresh();
    let status = if spam.is_some() {
        Status::Spam
    } else {
        Status::New
    };
    let (next_action, next_on) = stage::next(status, place.zone.date(now));
    sqlx::query!(
        "insert into viewings (id, reference, location_id, status, name, email, phone, company, interests, people,
             starts_on, term, budget_cents, wished, source, broker, spam_reason, next_action, next_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        id.get(),
        free_reference(&mut *tx).await?,
        place.id.get(),
        status as Status,
        request.prospect.name,
        request.prospect.email.as_deref(),
        request.prospect.phone.as_deref(),
        request.company,
        &keys(&request.interests),
        request.people,
        request.starts_on,
        request.term as Term,
        request.budget.map(Money::in_cents),
        &request.wished,
        request.source as Source,
        request.broker,
        spam.unwrap_or_default(),
        next_action,
        next_on
    )
    .execute(tx)
    .await?;
    Ok(id)
}

fn keys(kinds: &[Kind]) -> Vec<String> {
    kinds.iter().map(|kind| kind.key().to_owned()).collect()
}

async fn free_reference(tx: &mut PgConnection) -> Result<String> {
    loop {
        let reference = id::reference("V-");
        let known = sqlx::query_scalar!("select 1 from viewings where reference = $1", reference)
            .fetch_optional(&mut *tx)
            .await?;
        if known.is_none() {
            return Ok(reference);
        }
    }
}
