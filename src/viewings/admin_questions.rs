//! What people asked: the ones to be answered first on top, answered by mail from here.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
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
    error::Result,
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

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Staff,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let question = Question::find(&mut db, &reference).await?;
    html::page(&QuestionPage {
        chrome,
        answers: question.answers(&mut db).await?,
        question,
        body: String::new(),
        errors: Errors::default(),
        now,
    })
}

async fn answer(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<QuestionForm>,
) -> Result<Response> {
    let question = Question::find(&mut *app.db.acquire().await?, &reference).await?;
    let body = match form::optional_text(&form.body, 4000) {
        Ok(empty) if empty.is_empty() => Err("Write an answer.".to_owned()),
        body => body,
    };
    let refused = match body {
        Ok(body) => {
            let outcome = transaction!(app.db, tx => question.answer(tx, me.member, &body, form.version).await)?;
            outcome.err().map(|refusal| refusal.to_string())
        }
        Err(sentence) => Some(sentence),
    };
    match refused {
        None => Ok(done(jar, "The answer is on its way.", &question)),
        Some(sentence) => again(&app, chrome, &reference, form.body, sentence, now).await,
    }
}

async fn set(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<QuestionForm>,
) -> Result<Response> {
    let question = Question::find(&mut *app.db.acquire().await?, &reference).await?;
    let Some(to) = Status::named(&form.to).filter(|to| *to != Status::Answered) else {
        let sentence = "Choose what to make of it.".into();
        return again(&app, chrome, &reference, String::new(), sentence, now).await;
    };
    match transaction!(app.db, tx => question.set(tx, me.member, to, form.version).await)? {
        Ok(()) => Ok(done(jar, "That is done.", &question)),
        Err(refusal) => {
            again(
                &app,
                chrome,
                &reference,
                String::new(),
                refusal.to_string(),
                now,
            )
            .await
        }
    }
}

async fn again(
    app: &App,
    chrome: Chrome,
    reference: &str,
    body: String,
    sentence: String,
    now: DateTime<Utc>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let question = Question::find(&mut db, reference).await?;
    html::refused(&QuestionPage {
        chrome: chrome.refused(),
        answers: question.answers(&mut db).await?,
        question,
        body,
        errors: ("body", sentence).into(),
        now,
    })
}

fn done(jar: CookieJar, said: &str, question: &Question) -> Response {
    (
        jar.add(Flash::done(said).cookie()),
        html::see_other(&question.url()),
    )
        .into_response()
}
