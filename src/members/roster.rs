//! The list of all people, sifted, page by page: as fast at its end as at its beginning.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    find::{Found, Sought, Word},
    member::Standing,
};
use crate::error::Result;

/// What is asked of the list; nothing said is everybody.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// As for `find::people`.
    pub words: String,
    pub standing: Option<Standing>,
    /// A location's id: whose home it is.
    pub home: Option<Uuid>,
    /// A company's slug.
    pub company: Option<String>,
    /// Only those who asked to be forgotten, and are not yet.
    pub erasure: bool,
    /// The reference of the last one on the page before.
    pub after: Option<String>,
    pub most: i64,
}

/// By name. Who was merged into somebody else or is forgotten is not on it.
pub async fn list(db: &mut PgConnection, which: &Which) -> Result<Vec<Found>> {
    let sought = Sought::read(&which.words);
    macro_rules! listed {
        ($words:literal, $($word:expr),*) => {
            sqlx::query_as!(
                Found,
                r#"select m.id, m.reference, m.name, m.email, m.phone, m.standing as "standing: Standing", m.standing_reason,
                          coalesce((select string_agg(c.name, ', ' order by c.name) from company_people p
                                    join companies c on c.id = p.company_id where p.member_id = m.id), '') as "companies!"
                   from members m
                   where m.merged_into is null and m.erased_at is null
                     and ($1::text is null or m.standing = $1)
                     and ($2::uuid is null or m.home_location_id = $2)
                     and ($3::text is null or exists (select from company_people p join companies c on c.id = p.company_id
                                                      where p.member_id = m.id and c.slug = $3))
                     and (not $4 or m.erasure_asked_at is not null)
                     and ($5::text is null or (m.name, m.id) > (select k.name, k.id from members k where k.reference = $5))"#
                    + $words + " order by m.name, m.id limit $6",
                which.standing.map(Standing::key),
                which.home,
                which.company,
                which.erasure,
                which.after,
                which.most,
                $($word),*
            )
            .fetch_all(db)
            .await?
        };
    }
    // Without words the list is read in its order; with some, those that are meant are few. A letter or two are in
    // most people's names: with no more than these, only how a name begins counts.
    Ok(match sought.first().map(Word::beginning) {
        None => listed!("",),
        Some(Some(beginning)) => listed!(
            r#" and m.sought collate "C" >= ' ' || $7::text and m.sought collate "C" < ' ' || $7 || chr(1114111)
                and not exists (select from unnest($8::text[]) word where m.sought not like '% ' || word || '%')"#,
            beginning,
            &sought.letters()
        ),
        Some(None) => listed!(
            " and m.id in (select members_meant($7, $8))",
            &sought.letters(),
            &sought.endings() as &[Option<String>]
        ),
    })
}
