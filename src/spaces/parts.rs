//! Wholes and their parts: a room that can be divided, an office with desks in it. They block each other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use sqlx::{PgConnection, error::ErrorKind};
use thiserror::Error;
use uuid::Uuid;

use super::space::{Space, Status};
use crate::{audit, bookings::locks, error::Result, id::Id, members::member::Member};

/// Which spaces are made of which.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    wholes: BTreeMap<Id<Space>, Vec<Id<Space>>>,
    names: BTreeMap<Id<Space>, String>,
    slugs: BTreeMap<Id<Space>, String>,
    /// Those that nobody can use at the moment.
    broken: BTreeSet<Id<Space>>,
}

impl Parts {
    pub async fn all(db: &mut PgConnection) -> Result<Parts> {
        let rows = sqlx::query!(
            "select p.whole_id, p.part_id, w.name as whole, w.slug as whole_slug, s.name as part, s.slug as part_slug, s.status
             from space_parts p join spaces w on w.id = p.whole_id join spaces s on s.id = p.part_id
             order by s.position, s.name"
        )
        .fetch_all(db)
        .await?;
        let mut parts = Parts::default();
        for row in rows {
            let (whole, part) = (Id::from(row.whole_id), Id::from(row.part_id));
            parts.wholes.entry(whole).or_default().push(part);
            parts.names.insert(whole, row.whole);
            parts.names.insert(part, row.part);
            parts.slugs.insert(whole, row.whole_slug);
            parts.slugs.insert(part, row.part_slug);
            if row.status == "out_of_order" {
                parts.broken.insert(part);
            }
        }
        Ok(parts)
    }

    /// What a space is made of; nothing for one that is not divided.
    pub fn of(&self, whole: Id<Space>) -> &[Id<Space>] {
        self.wholes.get(&whole).map_or(&[], Vec::as_slice)
    }

    /// The wholes that a space is a part of.
    pub fn wholes(&self, part: Id<Space>) -> impl Iterator<Item = Id<Space>> {
        let wholes = self.wholes.iter();
        wholes
            .filter(move |(_, parts)| parts.contains(&part))
            .map(|(whole, _)| *whole)
    }

    /// Its parts, or the wholes that it is a part of.
    pub fn kin(&self, space: Id<Space>) -> impl Iterator<Item = Id<Space>> {
        self.of(space).iter().copied().chain(self.wholes(space))
    }

    /// The name of a part that keeps the whole from being used.
    pub fn broken(&self, whole: Id<Space>) -> Option<&str> {
        let mut parts = self.of(whole).iter();
        let broken = parts.find(|part| self.broken.contains(part))?;
        self.names.get(broken).map(String::as_str)
    }

    pub fn slugs(&self, spaces: impl IntoIterator<Item = Id<Space>>) -> Vec<String> {
        let spaces = spaces.into_iter();
        spaces
            .filter_map(|id| self.slugs.get(&id).cloned())
            .collect()
    }

    /// `It is made of Pier and Dune: ...`, for the page of the space; nothing for most.
    pub fn sentence(&self, space: Id<Space>) -> Option<String> {
        let names = |spaces: Vec<Id<Space>>| {
            let names: Vec<&str> = spaces
                .iter()
                .filter_map(|id| self.names.get(id).map(String::as_str))
                .collect();
            match names.as_slice() {
                [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
                all => all.concat(),
            }
        };
        let (parts, wholes) = (
            self.of(space).to_vec(),
            self.wholes(space).collect::<Vec<_>>(),
        );
        match (parts.len(), wholes.len()) {
            (0, 0) => None,
            (0, _) => Some(format!(
                "It is a part of {}: whenever that is booked, this is too, and the other way round.",
                names(wholes)
            )),
            (1..=6, _) => Some(format!(
                "It is made of {}: it is free whenever all of them are.",
                names(parts)
            )),
            (count, _) => Some(format!(
                "{count} spaces are in it: it is free whenever all of them are."
            )),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("{whole} is a part of {of} itself, so it has no parts. Take it out of there first.")]
    IsAPart { whole: String, of: String },
    #[error("{part} has parts of its own, so it is no part. Leave it out.")]
    HasParts { part: String },
    #[error("Choose spaces of the same location from the list.")]
    NoSuchPart,
    #[error("Choose two parts or more, or none: a room with one part is that part.")]
    OnlyOne,
    #[error("{0} and {1} are booked for the same time. Move one of them, then save again.")]
    Booked(String, String),
    #[error("Something booked ahead stands in the way. Move it, then save again.")]
    Clash,
}

/// Makes a space of these parts, by their slugs, and of no others; of none it is one space again. Under the locks that
/// bookings take, so that nothing gets between.
pub async fn set(
    tx: &mut PgConnection,
    by: Id<Member>,
    whole: &Space,
    slugs: &[String],
) -> Result<std::result::Result<(), Refusal>> {
    locks::spaces_of(tx, whole.location, None, None, None).await?;
    let chosen = sqlx::query!(
        r#"select s.id, s.name, exists (select from space_parts p where p.whole_id = s.id) as "divided!"
           from spaces s
           where s.location_id = $1 and s.slug = any($2) and s.status <> 'retired' and s.id <> $3 order by s.id"#,
        whole.location.get(),
        slugs,
        whole.id.get()
    )
    .fetch_all(&mut *tx)
    .await?;
    let known = Parts::all(tx).await?;
    if chosen.len() != slugs.len() {
        return Ok(Err(Refusal::NoSuchPart));
    }
    if chosen.len() == 1 && whole.kind == super::space::Kind::MeetingRoom {
        return Ok(Err(Refusal::OnlyOne));
    }
    if let Some(part) = chosen.iter().find(|part| part.divided) {
        let part = part.name.clone();
        return Ok(Err(Refusal::HasParts { part }));
    }
    if let (Some(of), false) = (known.wholes(whole.id).next(), chosen.is_empty()) {
        let of = known.names.get(&of).cloned().unwrap_or_default();
        let whole = whole.name.clone();
        return Ok(Err(Refusal::IsAPart { whole, of }));
    }
    let ids: Vec<Uuid> = chosen.iter().map(|part| part.id).collect();
    if let Some((one, other)) = clash(tx, whole.id, &ids).await? {
        return Ok(Err(Refusal::Booked(one, other)));
    }
    let before = known.slugs(known.of(whole.id).iter().copied());
    sqlx::query!(
        "delete from space_parts where whole_id = $1 and part_id <> all($2)",
        whole.id.get(),
        &ids
    )
    .execute(&mut *tx)
    .await?;
    let written = sqlx::query!(
        "insert into space_parts (whole_id, part_id) select $1, part from unnest($2::uuid[]) part on conflict do nothing",
        whole.id.get(),
        &ids
    )
    .execute(&mut *tx)
    .await;
    if matches!(&written, Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::ExclusionViolation)
    {
        return Ok(Err(Refusal::Clash));
    }
    written?;
    let detail = json!({"before": {"parts": before}, "after": {"parts": slugs}});
    audit::record(
        tx,
        Some(by.get()),
        "change parts",
        "spaces",
        whole.id.get(),
        detail,
    )
    .await?;
    Ok(Ok(()))
}

/// Two bookings ahead that stand in each other's way: one of the whole, one of a part.
async fn clash(
    tx: &mut PgConnection,
    whole: Id<Space>,
    parts: &[Uuid],
) -> Result<Option<(String, String)>> {
    let clash = sqlx::query!(
        "select b.reference as one, c.reference as other
         from occupancies o
         join occupancies p on p.space_id = any($2) and p.active and p.occupies && o.occupies
         join bookings b on b.id = o.booking_id
         join bookings c on c.id = p.booking_id
         where o.space_id = $1 and o.active and upper(o.occupies) > now() and upper(p.occupies) > now()
         order by lower(o.occupies) limit 1",
        whole.get(),
        parts
    )
    .fetch_optional(tx)
    .await?;
    Ok(clash.map(|pair| (pair.one, pair.other)))
}

/// A space can be a part where it is none with parts and not gone for good.
pub fn may_be_part(space: &Space, whole: &Space, parts: &Parts) -> bool {
    space.id != whole.id
        && space.location == whole.location
        && space.status != Status::Retired
        && parts.of(space.id).is_empty()
}
