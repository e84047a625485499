//! The list of all people, sifted, page by page: as fast at its end as at its beginning.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    find::{Found, Sought},
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
    let first = sought.first();
    let rows = sqlx::query_as!(
        Found,
        r#"select m.id, m.reference, m.name, m.email, m.phone, m.standing as "standing: Standing", m.standing_reason,
                  coalesce((select string_agg(c.name, ', ' order by c.name) from company_people p
                            join companies c on c.id = p.company_id where p.member_id = m.id), '') as "companies!"
           from members m
           where m.merged_into is null and m.erased_at is null
             and ($1::text is null or m.id in (
                      select id from members where sought like '% ' || $1 || '%'
                      union all
                      select id from members where phone_end >= $2 and phone_end < $2 || ':'
                      union all
                      select p.member_id from companies c join company_people p on p.company_id = c.id
                      where c.sought like '% ' || $1 || '%'))
             and not exists (
                 select from unnest($3::text[], $4::text[]) as typed (word, ending)
                 where m.sought not like '% ' || word || '%'
                   and (ending is null or m.phone_end is null or not starts_with(m.phone_end, ending))
                   and not exists (select from company_people p join companies c on c.id = p.company_id
                                   where p.member_id = m.id and c.sought like '% ' || word || '%'))
             and ($5::text is null or m.standing = $5)
             and ($6::uuid is null or m.home_location_id = $6)
             and ($7::text is null or exists (select from company_people p join companies c on c.id = p.company_id
                                              where p.member_id = m.id and c.slug = $7))
             and (not $8 or m.erasure_asked_at is not null)
             and ($9::text is null or (m.name, m.id) > (select k.name, k.id from members k where k.reference = $9))
           order by m.name, m.id limit $10"#,
        first.map(|word| word.letters.as_str()),
        first.and_then(|word| word.ending.as_deref()),
        &sought.letters(),
        &sought.endings() as &[Option<String>],
        which.standing.map(Standing::key),
        which.home,
        which.company,
        which.erasure,
        which.after,
        which.most
    )
    .fetch_all(db)
    .await?;
    Ok(rows)
}
