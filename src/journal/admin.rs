//! Where managers write the journal.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use super::{
    article::{Article, COVERS, Category, Stage},
    draft::{Draft, Refusal},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    legal::operator::Operator,
    markdown::{Text, slug},
    sessions::current::Manager,
    time::{Zone, long_date, parse_clock, parse_date},
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/articles", get(index).post(create))
        .route("/admin/articles/new", get(new))
        .route("/admin/articles/{slug}", get(edit).post(update))
}

const LONGEST_BODY: usize = 50_000;

#[derive(Template)]
#[template(path = "journal/admin/index.html")]
struct IndexPage {
    chrome: Chrome,
    articles: Vec<Article>,
    zone: Zone,
    now: DateTime<Utc>,
}

impl IndexPage {
    fn when(&self, article: &Article) -> String {
        let at = article.published_at.unwrap_or(article.updated_at);
        let date = long_date(self.zone.date(at), self.zone.date(self.now));
        match article.stage(self.now) {
            Stage::Scheduled => format!("{date}, {}", self.zone.clock(at)),
            _ => date,
        }
    }
}

async fn index(
    _: Manager,
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    html::page(&IndexPage {
        chrome,
        articles: Article::all(&mut db).await?,
        zone: Operator::load(&mut db).await?.zone,
        now,
    })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ArticleForm {
    title: String,
    slug: String,
    summary: String,
    category: String,
    author: String,
    cover: String,
    body: String,
    /// `draft`, `published`, `scheduled` or `withdrawn`.
    stage: String,
    date: String,
    clock: String,
    version: String,
    /// `preview`: show it and keep nothing.
    then: String,
}

impl ArticleForm {
    fn of(article: &Article, zone: Zone, now: DateTime<Utc>) -> ArticleForm {
        let stage = match article.stage(now) {
            Stage::Draft => "draft",
            Stage::Scheduled => "scheduled",
            Stage::Published => "published",
            Stage::Withdrawn => "withdrawn",
        };
        let at = article.published_at;
        ArticleForm {
            title: article.title.clone(),
            slug: article.slug.clone(),
            summary: article.summary.clone(),
            category: article.category.key().into(),
            author: article.author.clone(),
            cover: article.cover.clone(),
            body: article.body.clone(),
            stage: stage.into(),
            date: at.map_or(String::new(), |at| zone.date(at).to_string()),
            clock: at.map_or(String::new(), |at| zone.clock(at)),
            version: article.version.to_string(),
            then: String::new(),
        }
    }

    /// `was` is the article as it stands, if there is one.
    fn parse(
        &self,
        was: Option<&Article>,
        zone: Zone,
        now: DateTime<Utc>,
    ) -> Result<Draft, Errors> {
        let mut errors = Errors::default();
        let title = errors.take("title", required(&self.title, 120, "Give it a title."));
        let slug = errors.take("slug", self.slug());
        let summary = errors.take(
            "summary",
            required(
                &self.summary,
                260,
                "Say in one or two sentences what it is about.",
            ),
        );
        let category = errors.take("category", self.category.parse::<Category>());
        let author = errors.take("author", required(&self.author, 100, "Say who wrote it."));
        if self.body.chars().count() > LONGEST_BODY {
            errors.add("body", format!("Keep this to {LONGEST_BODY} characters."));
        }
        let published_at = errors.take("date", self.published_at(was, zone, now));
        match (title, slug, summary, category, author, published_at) {
            (Some(title), Some(slug), Some(summary), Some(category), Some(author), Some(at))
                if errors.is_empty() =>
            {
                let taken_back = self.stage == "withdrawn";
                Ok(Draft {
                    slug,
                    title,
                    summary,
                    body: self.body.replace("\r\n", "\n"),
                    category,
                    author,
                    cover: self.cover(),
                    published_at: at,
                    withdrawn_at: taken_back
                        .then(|| was.and_then(|was| was.withdrawn_at).unwrap_or(now)),
                })
            }
            _ => Err(errors),
        }
    }

    /// From the title where none was typed.
    fn slug(&self) -> Result<String, String> {
        let typed = if self.slug.trim().is_empty() {
            slug(&self.title)
        } else {
            slug(&self.slug)
        };
        match typed.len() {
            0 => Err("Write an address of small letters, figures and hyphens.".into()),
            1..=80 => Ok(typed),
            _ => Err("Keep the address to 80 letters.".into()),
        }
    }

    fn cover(&self) -> String {
        let known = COVERS.iter().find(|(key, _)| *key == self.cover);
        known.map_or(COVERS[0].0, |(key, _)| key).to_owned()
    }

    fn published_at(
        &self,
        was: Option<&Article>,
        zone: Zone,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, String> {
        let before = was.and_then(|was| was.published_at);
        match self.stage.as_str() {
            "draft" => match before {
                Some(at) if at <= now => {
                    Err("It has been public: take it back instead of making it a draft.".into())
                }
                _ => Ok(None),
            },
            "published" => Ok(Some(before.filter(|at| *at <= now).unwrap_or(now))),
            "withdrawn" => match before {
                Some(at) if at <= now => Ok(Some(at)),
                _ => Err("Only what has been public can be taken back.".into()),
            },
            _ => {
                let wall = parse_date(&self.date).zip(parse_clock(&self.clock));
                let wall = wall.ok_or("Say on which day and at what time it shall appear.")?;
                let at = zone
                    .instant(wall.0.and_time(wall.1))
                    .map_err(|_| "The clocks change at that time: choose another.")?;
                if at > now {
                    Ok(Some(at))
                } else {
                    Err("That is over: choose a time to come, or publish it now.".into())
                }
            }
        }
    }
}

fn required(text: &str, longest: usize, missing: &str) -> Result<String, String> {
    match form::optional_line(text, longest)? {
        empty if empty.is_empty() => Err(missing.to_owned()),
        line => Ok(line),
    }
}

#[derive(Template)]
#[template(path = "journal/admin/edit.html")]
struct EditPage {
    chrome: Chrome,
    /// As it stands; `None` for a new one.
    article: Option<Article>,
    form: ArticleForm,
    errors: Errors,
    preview: Option<Text>,
    zone: Zone,
    now: DateTime<Utc>,
}

impl EditPage {
    fn heading(&self) -> &str {
        self.article
            .as_ref()
            .map_or("New article", |article| &article.title)
    }

    fn action(&self) -> String {
        match &self.article {
            Some(article) => format!("/admin/articles/{}", article.slug),
            None => "/admin/articles".into(),
        }
    }

    fn stage(&self) -> Stage {
        let article = self.article.as_ref();
        article.map_or(Stage::Draft, |article| article.stage(self.now))
    }

    fn has_been_public(&self) -> bool {
        matches!(self.stage(), Stage::Published | Stage::Withdrawn)
    }

    fn today(&self) -> NaiveDate {
        self.zone.date(self.now)
    }
}

async fn new(
    me: Manager,
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    html::page(&EditPage {
        chrome,
        article: None,
        form: ArticleForm {
            author: me.name.clone(),
            cover: COVERS[0].0.into(),
            stage: "draft".into(),
            clock: "08:00".into(),
            ..ArticleForm::default()
        },
        errors: Errors::default(),
        preview: None,
        zone: Operator::load(&mut db).await?.zone,
        now,
    })
}

async fn edit(
    _: Manager,
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let article = Article::by_slug(&mut db, &slug).await?;
    let article = article.ok_or(Error::NotFound)?;
    let zone = Operator::load(&mut db).await?.zone;
    html::page(&EditPage {
        chrome,
        form: ArticleForm::of(&article, zone, now),
        article: Some(article),
        errors: Errors::default(),
        preview: None,
        zone,
        now,
    })
}

async fn create(
    me: Manager,
    chrome: Chrome,
    jar: CookieJar,
    Now(now): Now,
    State(app): State<App>,
    Form(form): Form<ArticleForm>,
) -> Result<Response> {
    write(&app, (me, chrome, jar), None, form, now).await
}

async fn update(
    me: Manager,
    chrome: Chrome,
    jar: CookieJar,
    Now(now): Now,
    State(app): State<App>,
    Path(slug): Path<String>,
    Form(form): Form<ArticleForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let article = Article::by_slug(&mut db, &slug).await?;
    let article = article.ok_or(Error::NotFound)?;
    drop(db);
    write(&app, (me, chrome, jar), Some(article), form, now).await
}

async fn write(
    app: &App,
    (me, chrome, jar): (Manager, Chrome, CookieJar),
    article: Option<Article>,
    form: ArticleForm,
    now: DateTime<Utc>,
) -> Result<Response> {
    let zone = Operator::load(&mut *app.db.acquire().await?).await?.zone;
    let preview = (form.then == "preview").then(|| Text::read(&form.body));
    let page = |errors| EditPage {
        chrome: chrome.clone(),
        article: article.clone(),
        form: form.clone(),
        errors,
        preview: preview.clone(),
        zone,
        now,
    };
    if preview.is_some() {
        return html::page(&page(Errors::default()));
    }
    let again = |errors| {
        let mut page = page(errors);
        page.chrome = page.chrome.refused();
        html::refused(&page)
    };
    let draft = match form.parse(article.as_ref(), zone, now) {
        Ok(draft) => draft,
        Err(errors) => return again(errors),
    };
    let version = form.version.parse().unwrap_or_default();
    let written = transaction!(app.db, tx => match &article {
        Some(article) => draft.replace(tx, article, version, me.member).await,
        None => draft.begin(tx, me.member).await,
    });
    match written? {
        Ok(()) => {
            let told = Flash::done(format!("“{}” is kept.", draft.title));
            let there = html::see_other(&format!("/admin/articles/{}", draft.slug));
            Ok((jar.add(told.cookie()), there).into_response())
        }
        Err(refusal) => {
            let field = match refusal {
                Refusal::SlugTaken => "slug",
                Refusal::Stale => "body",
            };
            again((field, refusal.to_string()).into())
        }
    }
}
