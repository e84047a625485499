//! Favourites for programs: the spaces that a member has starred.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::favourite::{Favourite, Full};
use crate::{
    app::App,
    error::{Error, Result},
    sessions::current::Bearer,
    spaces::space::{Kind, Space},
    transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(add, remove))
}

#[derive(Serialize, ToSchema)]
#[schema(as = Favourite)]
struct FavouriteJson {
    /// The space's slug.
    #[schema(example = "umhlanga-desk-14")]
    space: String,
    name: String,
    kind: Kind,
    /// The location's slug.
    location: String,
}

impl From<Favourite> for FavouriteJson {
    fn from(favourite: Favourite) -> Self {
        Self {
            space: favourite.slug,
            name: favourite.name,
            kind: favourite.kind,
            location: favourite.location_slug,
        }
    }
}

/// In the member's own order: the first desk is their usual one.
#[derive(Serialize, ToSchema)]
struct FavouritesJson {
    favourites: Vec<FavouriteJson>,
}

impl FavouritesJson {
    async fn of(db: &mut Db, me: &Bearer) -> Result<Self> {
        let favourites = Favourite::of(db, me.member).await?.into_iter();
        Ok(Self {
            favourites: favourites.map(FavouriteJson::from).collect(),
        })
    }
}

/// Your favourites.
///
/// In your order; the first desk is your usual one. A space that is not offered at the moment stays.
#[utoipa::path(get, path = "/favourites", tag = "Favourites", responses((status = 200, body = FavouritesJson)))]
async fn index(State(app): State<App>, me: Bearer) -> Result<Json<FavouritesJson>> {
    let mut db = app.db.acquire().await?;
    Ok(Json(FavouritesJson::of(&mut db, &me).await?))
}

/// Star a space.
///
/// It comes last, and answers with all of them. Twice is once; 20 is the most.
#[utoipa::path(put, path = "/favourites/{space}", tag = "Favourites",
    params(("space" = String, Path, description = "A space's slug.", example = "umhlanga-desk-14")),
    responses((status = 200, body = FavouritesJson)))]
async fn add(
    State(app): State<App>,
    me: Bearer,
    Path(slug): Path<String>,
) -> Result<Json<FavouritesJson>> {
    let starred = transaction!(app.db, tx => {
        let space = Space::find(tx, &slug).await?.ok_or(Error::NotFound)?;
        Favourite::add(tx, me.member, space.id).await
    })?;
    starred.map_err(Error::from)?;
    index(State(app), me).await
}

/// Take the star off a space.
///
/// Answers with those that are left. Twice is once.
#[utoipa::path(delete, path = "/favourites/{space}", tag = "Favourites",
    params(("space" = String, Path, description = "A space's slug.", example = "umhlanga-desk-14")),
    responses((status = 200, body = FavouritesJson)))]
async fn remove(
    State(app): State<App>,
    me: Bearer,
    Path(slug): Path<String>,
) -> Result<Json<FavouritesJson>> {
    let mut tx = app.db.begin().await?;
    Favourite::remove(&mut tx, me.member, &slug).await?;
    tx.commit().await?;
    index(State(app), me).await
}

impl From<Full> for Error {
    fn from(full: Full) -> Self {
        Error::refused("too-many-favourites", full.to_string())
    }
}
