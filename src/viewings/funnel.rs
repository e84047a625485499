//! How many of those who asked came how far: by source, by location and by month.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::PgConnection;
use uuid::Uuid;

use super::viewing::Source;
use crate::{error::Result, members::staff::Duties};

/// The steps of the funnel, in their order.
pub const STEPS: [&str; 6] = [
    "Asked",
    "Contacted",
    "Visit agreed",
    "Toured",
    "Proposal",
    "Won",
];

/// How many came at least to each of the steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub [i64; 6]);

impl Counts {
    fn add(&mut self, other: Counts) {
        for (sum, count) in self.0.iter_mut().zip(other.0) {
            *sum += count;
        }
    }

    /// Of those who asked, how many in a hundred came to a step.
    pub fn percent(&self, step: usize) -> i64 {
        self.0[step] * 100 / self.0[0].max(1)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Funnel {
    pub all: Counts,
    pub by_source: Vec<(String, Counts)>,
    pub by_place: Vec<(String, Counts)>,
    pub by_month: Vec<(String, Counts)>,
}

impl Funnel {
    /// Of what was asked from `first` to `last`, by the locations' calendars, at the locations that are
    /// theirs to know about. Spam is none of it; those whom we have forgotten still count.
    pub async fn load(
        db: &mut PgConnection,
        duties: Duties,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Funnel> {
        let rows = sqlx::query!(
            r#"select v.source as "source: Source", v.location_id, l.name as place,
                   date_trunc('month', v.created_at at time zone l.time_zone)::date as "month!",
                   coalesce((select max(case s.status when 'contacted' then 1 when 'scheduled' then 2 when 'no_show' then 2
                                        when 'toured' then 3 when 'proposal' then 4 when 'won' then 5 else 0 end)
                    from viewing_stages s where s.viewing_id = v.id), 0) as "step!"
               from viewings v join locations l on l.id = v.location_id
               where v.status <> 'spam'
                 and (v.created_at at time zone l.time_zone)::date between $1 and $2
               order by v.source, l.position, 4"#,
            first,
            last
        )
        .fetch_all(db)
        .await?;
        let mut funnel = Funnel::default();
        let mut months: BTreeMap<NaiveDate, Counts> = BTreeMap::new();
        for row in rows {
            let place: Uuid = row.location_id;
            if !duties.can_manage(place.into()) {
                continue;
            }
            let mut counts = Counts::default();
            counts.0[..=row.step.clamp(0, 5) as usize].fill(1);
            funnel.all.add(counts);
            entry(&mut funnel.by_source, row.source.label()).add(counts);
            entry(&mut funnel.by_place, &row.place).add(counts);
            months.entry(row.month).or_default().add(counts);
        }
        let months = months.into_iter();
        funnel.by_month = months
            .map(|(month, counts)| (month.format("%B %Y").to_string(), counts))
            .collect();
        Ok(funnel)
    }
}

fn entry<'a>(list: &'a mut Vec<(String, Counts)>, name: &str) -> &'a mut Counts {
    let at = list
        .iter()
        .position(|(known, _)| known == name)
        .unwrap_or_else(|| {
            list.push((name.to_owned(), Counts::default()));
            list.len() - 1
        });
    &mut list[at].1
}
