//! What words mean at the front desk besides bookings: the booking of a reference itself, people, companies, spaces.

use sqlx::PgConnection;

use super::listing;
use crate::{
    error::Result,
    form,
    members::find::{self, plain},
};

/// Something that is meant, with its page.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub kind: Kind,
    pub name: String,
    /// What tells it from others of its name.
    pub about: String,
    pub url: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Booking,
    Person,
    Company,
    Space,
}

impl Kind {
    pub fn label(self) -> &'static str {
        match self {
            Kind::Booking => "Booking",
            Kind::Person => "Person",
            Kind::Company => "Company",
            Kind::Space => "Space",
        }
    }
}

/// So many of each kind.
const MOST: i64 = 5;

/// The booking whose reference it is, then people, companies and spaces.
pub async fn of(db: &mut PgConnection, words: &str) -> Result<Vec<Hit>> {
    let mut hits = Vec::new();
    if let Some(reference) = listing::reference(words) {
        hits.extend(booking(&mut *db, &reference).await?);
    }
    for found in find::people(&mut *db, words, MOST).await? {
        let phone = found.phone.as_deref().map(form::phone_words);
        let parts = [found.companies, phone.unwrap_or_default()];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        hits.push(Hit {
            kind: Kind::Person,
            name: found.name,
            about: parts.join(", "),
            url: format!("/admin/members/{}", found.reference),
        });
    }
    hits.extend(companies(&mut *db, words).await?);
    hits.extend(spaces(db, words).await?);
    Ok(hits)
}

async fn booking(db: &mut PgConnection, reference: &str) -> Result<Option<Hit>> {
    let row = sqlx::query!(
        "select m.name, s.name as space from bookings b join members m on m.id = b.member_id
         join spaces s on s.id = b.space_id where b.reference = $1",
        reference
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Hit {
        kind: Kind::Booking,
        name: reference.to_owned(),
        about: format!("{}, {}", row.name, row.space),
        url: format!("/admin/bookings/{reference}"),
    }))
}

/// Each word begins a word of their name.
async fn companies(db: &mut PgConnection, words: &str) -> Result<Vec<Hit>> {
    let pieces: Vec<String> = plain(words)
        .split_whitespace()
        .map(|word| word.replace('\\', "").replace(['%', '_'], ""))
        .filter(|word| !word.is_empty())
        .collect();
    if pieces.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        "select name, slug from companies c
         where not exists (select from unnest($1::text[]) word where c.sought not like '% ' || word || '%')
         order by name limit $2",
        &pieces,
        MOST
    )
    .fetch_all(db)
    .await?;
    let hits = rows.into_iter().map(|row| Hit {
        kind: Kind::Company,
        name: row.name,
        about: String::new(),
        url: format!("/admin/companies/{}", row.slug),
    });
    Ok(hits.collect())
}

/// Each word begins a word of its name or its location's; it leads to its day.
async fn spaces(db: &mut PgConnection, words: &str) -> Result<Vec<Hit>> {
    let pieces: Vec<String> = plain(words).split_whitespace().map(str::to_owned).collect();
    let rows = sqlx::query!(
        "select s.name, s.slug, l.name as place, l.slug as place_slug from spaces s join locations l on l.id = s.location_id
         where s.status <> 'retired' and cardinality($1::text[]) > 0
           and exists (select from unnest($1::text[]) word where position(' ' || word in ' ' || plain(s.name)) > 0)
           and not exists (select from unnest($1::text[]) word
                           where position(' ' || word in ' ' || plain(s.name || ' ' || l.name)) = 0)
         order by l.position, s.position, s.name limit $2",
        &pieces,
        MOST
    )
    .fetch_all(db)
    .await?;
    let hits = rows.into_iter().map(|row| Hit {
        kind: Kind::Space,
        name: row.name,
        about: row.place,
        url: format!("/admin/day?location={}&space={}", row.place_slug, row.slug),
    });
    Ok(hits.collect())
}
