//! The photos of a location or a space: their files for everybody, and their page for its managers.

use askama::Template;
use axum::{
    Router,
    extract::{Multipart, Path, State, multipart::MultipartRejection},
    http::header,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;
use uuid::Uuid;

use super::photo::{self, Move, Of, Photo, Subject};
use crate::{
    app::App,
    error::{Error, Result},
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    sessions::current::Staff,
    transaction,
    upload::Upload,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/photos/{id}/{file}", get(file))
        .route("/admin/photos/{id}", post(describe))
        .route("/admin/photos/{id}/position", post(place))
        .route("/admin/photos/{id}/removal", post(remove))
}

/// The routes that take a whole photo, which has its own limits of size and time.
pub fn uploads() -> Router<App> {
    Router::new()
        .route(
            "/admin/spaces/{slug}/photos",
            get(of_space).post(add_to_space),
        )
        .route(
            "/admin/locations/{slug}/photos",
            get(of_location).post(add_to_location),
        )
}

/// A file never changes, so that browsers keep it.
async fn file(State(app): State<App>, Path((id, file)): Path<(Uuid, String)>) -> Result<Response> {
    let size = match file.as_str() {
        "large.webp" => "large",
        "small.webp" => "small",
        _ => return Err(Error::NotFound),
    };
    let webp = Photo::file(&app.db, id, size).await?;
    let headers = [
        (header::CONTENT_TYPE, "image/webp"),
        (
            header::CONTENT_DISPOSITION,
            "inline; filename=\"photo.webp\"",
        ),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, webp).into_response())
}

#[derive(Template)]
#[template(path = "spaces/admin/photos.html")]
struct PhotosPage {
    chrome: Chrome,
    errors: Errors,
    subject: Subject,
    photos: Vec<Photo>,
    /// What was typed about the new photo.
    alt: String,
}

impl PhotosPage {
    /// Where people see them.
    fn seen_at(&self) -> String {
        match self.subject.of {
            Of::Space(_) => format!("/spaces/{}", self.subject.slug),
            Of::Location(_) => format!("/locations/{}", self.subject.slug),
        }
    }
}

impl Subject {
    fn url(&self) -> String {
        match self.of {
            Of::Space(_) => format!("/admin/spaces/{}/photos", self.slug),
            Of::Location(_) => format!("/admin/locations/{}/photos", self.slug),
        }
    }
}

async fn of_space(
    State(app): State<App>,
    chrome: Chrome,
    staff: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let subject = Subject::space(&mut *app.db.acquire().await?, &slug).await?;
    show(&app, chrome, &staff, subject).await
}

async fn of_location(
    State(app): State<App>,
    chrome: Chrome,
    staff: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let subject = Subject::location(&mut *app.db.acquire().await?, &slug).await?;
    show(&app, chrome, &staff, subject).await
}

async fn show(app: &App, chrome: Chrome, staff: &Staff, subject: Subject) -> Result<Response> {
    staff.managing(subject.location)?;
    html::page(&PhotosPage {
        chrome,
        errors: Errors::default(),
        photos: Photo::of(&app.db, subject.of).await?,
        subject,
        alt: String::new(),
    })
}

async fn add_to_space(
    State(app): State<App>,
    chrome: Chrome,
    staff: Staff,
    jar: CookieJar,
    Path(slug): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response> {
    let subject = Subject::space(&mut *app.db.acquire().await?, &slug).await?;
    add(&app, chrome, &staff, jar, subject, form).await
}

async fn add_to_location(
    State(app): State<App>,
    chrome: Chrome,
    staff: Staff,
    jar: CookieJar,
    Path(slug): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response> {
    let subject = Subject::location(&mut *app.db.acquire().await?, &slug).await?;
    add(&app, chrome, &staff, jar, subject, form).await
}

async fn add(
    app: &App,
    chrome: Chrome,
    staff: &Staff,
    jar: CookieJar,
    subject: Subject,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response> {
    staff.managing(subject.location)?;
    let mut sent = Upload::read(form).await?;
    let mut errors = Errors::default();
    let photograph = errors.take("photo", sent.photograph().await?);
    let alt = errors.take("alt", photo::alt(&sent.alt));
    if let (Some(photograph), Some(alt)) = (photograph, alt) {
        let added = transaction!(app.db, tx => Photo::add(tx, &subject, &photograph, &alt, staff.member).await)?;
        match added {
            Ok(_) => return Ok(said(jar, "The photo is there.", &subject)),
            Err(refusal) => errors.add("photo", refusal.to_string()),
        }
    }
    html::refused(&PhotosPage {
        chrome: chrome.refused(),
        errors,
        photos: Photo::of(&app.db, subject.of).await?,
        subject,
        alt: sent.alt,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PhotoForm {
    alt: String,
    to: String,
}

async fn describe(
    State(app): State<App>,
    chrome: Chrome,
    staff: Staff,
    jar: CookieJar,
    Path(id): Path<Uuid>,
    Form(form): Form<PhotoForm>,
) -> Result<Response> {
    let subject = managed(&app, &staff, id).await?;
    let alt = match photo::alt(&form.alt) {
        Ok(alt) => alt,
        Err(sentence) => {
            let mut photos = Photo::of(&app.db, subject.of).await?;
            let wrong = photos.iter_mut().find(|photo| photo.id == id);
            wrong
                .into_iter()
                .for_each(|photo| photo.alt.clone_from(&form.alt));
            return html::refused(&PhotosPage {
                chrome: chrome.refused(),
                errors: Errors::from(("described", sentence)),
                photos,
                subject,
                alt: String::new(),
            });
        }
    };
    let mut tx = app.db.begin().await?;
    Photo::describe(&mut tx, &subject, id, &alt, staff.member).await?;
    tx.commit().await?;
    Ok(said(jar, "Its description is saved.", &subject))
}

async fn place(
    State(app): State<App>,
    staff: Staff,
    jar: CookieJar,
    Path(id): Path<Uuid>,
    Form(form): Form<PhotoForm>,
) -> Result<Response> {
    let subject = managed(&app, &staff, id).await?;
    let (to, sentence) = match form.to.as_str() {
        "first" => (Move::First, "It is the cover now."),
        "earlier" => (Move::Earlier, "It stands one earlier."),
        _ => (Move::Later, "It stands one later."),
    };
    let mut tx = app.db.begin().await?;
    Photo::place(&mut tx, &subject, id, to, staff.member).await?;
    tx.commit().await?;
    Ok(said(jar, sentence, &subject))
}

async fn remove(
    State(app): State<App>,
    staff: Staff,
    jar: CookieJar,
    Path(id): Path<Uuid>,
) -> Result<Response> {
    let subject = managed(&app, &staff, id).await?;
    let mut tx = app.db.begin().await?;
    Photo::remove(&mut tx, &subject, id, staff.member).await?;
    tx.commit().await?;
    Ok(said(jar, "The photo is gone.", &subject))
}

/// What a photo is of, for those who look after it.
async fn managed(app: &App, staff: &Staff, id: Uuid) -> Result<Subject> {
    let subject = Subject::of_photo(&mut *app.db.acquire().await?, id).await?;
    staff.managing(subject.location)?;
    Ok(subject)
}

fn said(jar: CookieJar, sentence: &str, subject: &Subject) -> Response {
    let flash = Flash::done(sentence).cookie();
    (jar.add(flash), html::see_other(&subject.url())).into_response()
}
