//! What people asked: the ones to be answered first on top, answered by mail from here.

use askama::Template;
use axum::{
    Router,
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form, Query};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    admin,
    question::{Answer, Question, Status},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    sessions::current::Staff,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/questions", get(index))
        .route("/admin/questions/{reference}", get(show))
        .route("/admin/questions/{reference}/answer", post(answer))
        .route("/admin/questions/{reference}/status", post(set))
}

#[derive(Template)]
#[template(path = "viewings/admin/questions.html")]
struct QuestionsPage {
    chrome: Chrome,
    shown: Status,
    questions: Vec<Question>,
    counts: Vec<(Status, i64)>,
    now: DateTime<Utc>,
}

impl QuestionsPage {
    fn count(&self, status: &Status) -> i64 {
        let found = self.counts.iter().find(|(known, _)| known == status);
        found.map_or(0, |(_, count)| *count)
    }

    fn when(&self, question: &Question, at: &DateTime<Utc>) -> String {
        question.moment(*at, self.now)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    status: String,
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Staff,
    Query(filter): Query<Filter>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let shown = Status::named(&filter.status).unwrap_or(Status::Open);
    html::page(&QuestionsPage {
        chrome,
        shown,
        questions: Question::list(&mut db, shown).await?,
        counts: Question::counts(&mut db).await?,
        now,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct QuestionForm {
    version: i32,
    body: String,
    to: String,
}

#[derive(Template)]
#[template(path = "viewings/admin/question.html")]
struct QuestionPage {
    chrome: Chrome,
    question: Question,
    answers: Vec<Answer>,
    body: String,
    errors: Errors,
    now: DateTime<Utc>,
}

impl QuestionPage {
    fn when(&self, at: &DateTime<Utc>) -> String {
        self.question.moment(*at, self.now)
    }

    fn phone(&self, e164: &str) -> String {
        admin::phone(e164)
    }

    fn whatsapp(&self, e164: &str) -> String {
        admin::whatsapp(e164)
    }

    /// What can be made of it from here.
    fn ways(&self) -> Vec<Status> {
        match self.question.status {
            Status::Open | Status::Answered => vec![Status::Closed, Status::Spam],
            Status::Closed | Status::Spam => vec![Status::Open],
        }
    }

    fn way(&self, status: &Status) -> &'static str {
        match status {
            Status::Closed => "Close it",
            Status::Spam => "It is spam",
            Status::Open | Status::Answered => "Open it again",
        }
    }
}

/// Somebody at work on a question.
struct Work {
    app: App,
    me: Staff,
    question: Question,
    chrome: Chrome,
    jar: CookieJar,
    now: DateTime<Utc>,
}

impl FromRequestParts<App> for Work {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Work> {
        let me = Staff::from_request_parts(parts, app).await?;
        let reference = Path::<String>::from_request_parts(parts, app).await;
        let Path(reference) = reference.map_err(|_| Error::NotFound)?;
        let question = Question::find(&mut *app.db.acquire().await?, &reference).await?;
        let Ok(chrome) = Chrome::from_request_parts(parts, app).await;
        Ok(Work {
            app: app.clone(),
            me,
            question,
            chrome,
            jar: CookieJar::from_headers(&parts.headers),
            now: app.clock.now(),
        })
    }
}

impl Work {
    async fn page(self) -> Result<QuestionPage> {
        Ok(QuestionPage {
            chrome: self.chrome,
            answers: self
                .question
                .answers(&mut *self.app.db.acquire().await?)
                .await?,
            question: self.question,
            body: String::new(),
            errors: Errors::default(),
            now: self.now,
        })
    }

    /// The page again, with what is there now and the answer that was typed.
    async fn again(mut self, sentence: String, body: String) -> Result<Response> {
        let reference = self.question.reference.clone();
        self.question = Question::find(&mut *self.app.db.acquire().await?, &reference).await?;
        self.chrome = self.chrome.refused();
        let mut page = self.page().await?;
        (page.errors, page.body) = (("body", sentence).into(), body);
        html::refused(&page)
    }

    fn done(self, said: &str) -> Result<Response> {
        let jar = self.jar.add(Flash::done(said).cookie());
        Ok((jar, html::see_other(&self.question.url())).into_response())
    }
}

async fn show(work: Work) -> Result<Response> {
    html::page(&work.page().await?)
}

async fn answer(work: Work, Form(form): Form<QuestionForm>) -> Result<Response> {
    let body = match form::optional_text(&form.body, 4000) {
        Ok(empty) if empty.is_empty() => Err("Write an answer.".to_owned()),
        body => body,
    };
    let body = match body {
        Ok(body) => body,
        Err(sentence) => return work.again(sentence, form.body).await,
    };
    let (app, me, question) = (&work.app, work.me.member, &work.question);
    match transaction!(app.db, tx => question.answer(tx, me, &body, form.version).await)? {
        Ok(()) => work.done("The answer is on its way."),
        Err(refusal) => work.again(refusal.to_string(), form.body).await,
    }
}

async fn set(work: Work, Form(form): Form<QuestionForm>) -> Result<Response> {
    let Some(to) = Status::named(&form.to).filter(|to| *to != Status::Answered) else {
        let sentence = "Choose what to make of it.".to_owned();
        return work.again(sentence, String::new()).await;
    };
    let (app, me, question) = (&work.app, work.me.member, &work.question);
    match transaction!(app.db, tx => question.set(tx, me, to, form.version).await)? {
        Ok(()) => work.done("That is done."),
        Err(refusal) => work.again(refusal.to_string(), String::new()).await,
    }
}
