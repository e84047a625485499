//! The mails about questions: that one is here, and its answer.

use uuid::Uuid;

use super::{
    letter::Letter,
    question::{self, Question, Status},
};
use crate::{app::App, error::Result, form::line, locations::location::Location, mail::Message};

const TO_ASKER: &str =
    "This was sent because somebody asked us something on our site with this address.";

/// To whoever asked; `None` if they left no address.
pub async fn received(app: &App, id: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let found = Question::by_id(&mut db, id).await?;
    let Some(question) = found.filter(|question| question.status == Status::Open) else {
        return Ok(None);
    };
    let Some(email) = question.email.as_deref() else {
        return Ok(None);
    };
    let by = question.moment(question.answer_by, app.clock.now());
    // Not what they wrote: whoever typed the address has not shown that it is theirs.
    let letter = Letter {
        subject: "We have your question".into(),
        title: "We have your question".into(),
        lines: vec![format!("Thank you. We answer by {by}.")],
        reason: TO_ASKER,
        ..Letter::default()
    }
    .fact("Location", format!("Connect Space {}", question.place))
    .fact("Reference", &question.reference);
    Ok(Some(letter.to(app, email, email)?))
}

/// To the location's own address; `None` if it has none.
pub async fn arrived(app: &App, id: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some(question) = Question::by_id(&mut db, id).await? else {
        return Ok(None);
    };
    let place = Location::find(&mut db, &question.place_slug).await?;
    let Some(place) = place.filter(|place| !place.email.is_empty()) else {
        return Ok(None);
    };
    let letter = Letter {
        subject: format!("Question: {}, {}", line(&question.name), question.place),
        title: "Somebody asks something".into(),
        said: Some((
            format!("{} wrote:", line(&question.name)),
            question.body.clone(),
        )),
        button: Some(("Answer it", question.url())),
        reason: "This was sent because you work here.",
        ..Letter::default()
    }
    .fact(
        "Answer by",
        question.moment(question.answer_by, app.clock.now()),
    );
    Ok(Some(letter.to(app, &place.email, &place.name)?))
}

/// An answer, to whoever asked.
pub async fn answered(app: &App, answer: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some((question, words)) = question::answered(&mut db, answer).await? else {
        return Ok(None);
    };
    let Some(email) = question.email.as_deref() else {
        return Ok(None);
    };
    let letter = Letter {
        subject: format!("Our answer to your question ({})", question.reference),
        title: format!("Hello {}", line(&question.name)),
        lines: words
            .lines()
            .map(str::to_owned)
            .filter(|line| !line.trim().is_empty())
            .collect(),
        said: Some(("You asked:".into(), question.body.clone())),
        reason: TO_ASKER,
        ..Letter::default()
    };
    Ok(Some(letter.to(app, email, &question.name)?))
}
