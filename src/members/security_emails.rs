//! The mails about how a member signs in: their second step, and browsers that are new.

use uuid::Uuid;

use super::{
    emails::{Notice, contact},
    member::Member,
    profile::Profile,
};
use crate::{
    app::App,
    error::Result,
    mail::Message,
    sessions::{authenticator, browser},
    time,
};

const PAGE: &str = "/account/security/second-step";

/// What happened, and what to do if it was somebody else.
struct News {
    subject: &'static str,
    paragraph: String,
    /// What to press, and its address.
    button: (&'static str, &'static str),
    /// What to do at once.
    otherwise: &'static str,
}

pub async fn second_step_on(app: &App, member: Uuid) -> Result<Option<Message>> {
    tell(
        app,
        member,
        News {
            subject: "Signing in asks for a code from now on",
            paragraph: "After your password, or a link in a mail, your account asks for a code of your authenticator \
                        app. Everywhere else you are signed out. Keep your recovery codes where you find them without \
                        your phone."
                .into(),
            button: ("See your second step", PAGE),
            otherwise: "set a new password at once",
        },
    )
    .await
}

pub async fn second_step_off(app: &App, member: Uuid) -> Result<Option<Message>> {
    tell(
        app,
        member,
        News {
            subject: "Signing in asks for no code any more",
            paragraph: "The second step of your account was turned off. Your password, or a link in a mail, is enough \
                        to sign in."
                .into(),
            button: ("Turn it on again", PAGE),
            otherwise: "set a new password at once, turn it on again",
        },
    )
    .await
}

pub async fn second_step_taken_off(app: &App, member: Uuid) -> Result<Option<Message>> {
    tell(
        app,
        member,
        News {
            subject: "We took the second step off your account",
            paragraph: "Signing in asks for no code any more, until you set it up again. We do this when somebody has \
                        lost both their phone and their recovery codes, and asks us."
                .into(),
            button: ("Set it up again", PAGE),
            otherwise: "set a new password at once",
        },
    )
    .await
}

pub async fn recovery_codes_made(app: &App, member: Uuid) -> Result<Option<Message>> {
    tell(
        app,
        member,
        News {
            subject: "New recovery codes for your account",
            paragraph: "Ten new recovery codes were made. Those from before are good no more."
                .into(),
            button: ("See your second step", PAGE),
            otherwise: "set a new password at once, make new ones",
        },
    )
    .await
}

/// With how many are left as the mail is written; also where it has been turned off since, or a thief would go unseen.
pub async fn recovery_code_used(app: &App, member: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let step = authenticator::in_force(&mut db, member.into()).await?;
    let left = match step.map(|step| step.codes_left) {
        None => "The second step was turned off since.".into(),
        Some(0) => "None is left: make new ones now.".into(),
        Some(1) => "One is left: make new ones soon.".into(),
        Some(left) => format!("{left} are left."),
    };
    drop(db);
    tell(
        app,
        member,
        News {
            subject: "A recovery code of your account was used",
            paragraph: format!("Somebody signed in with one of your recovery codes. {left}"),
            button: ("Make new codes", PAGE),
            otherwise: "sign them out under Security, set a new password, make new codes",
        },
    )
    .await
}

/// Ten wrong codes within a day.
pub async fn codes_guessed(app: &App, member: Uuid) -> Result<Option<Message>> {
    tell(
        app,
        member,
        News {
            subject: "Wrong codes are typed for your account",
            paragraph: "Somebody has your password, or reads your mail, and has typed ten wrong codes within a day. \
                        They did not get in."
                .into(),
            button: ("Choose another password", "/reset-password"),
            otherwise: "set a new password at once",
        },
    )
    .await
}

/// A sign-in where there was none before, by the clock of their location.
pub async fn browser_seen(app: &App, browser: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some(visit) = browser::first_visit(&mut db, browser).await? else {
        return Ok(None);
    };
    let zone = Profile::of(&mut db, visit.member).await?.zone;
    let when = format!(
        "{}, {}",
        time::short_date(zone.date(visit.at)),
        zone.clock(visit.at)
    );
    drop(db);
    tell(
        app,
        visit.member.get(),
        News {
            subject: "Signed in with another browser",
            paragraph: format!(
                "Your account was signed in with a browser that you have not used here before: {}, on {when}.",
                visit.device
            ),
            button: ("See where you are signed in", "/account/security#sessions"),
            otherwise: "press the button and sign it out there, set a new password",
        },
    )
    .await
}

async fn tell(app: &App, member: Uuid, news: News) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let member = Member::find(&mut db, member.into()).await?;
    let Some(email) = &member.email else {
        return Ok(None);
    };
    let contact = contact(app, &mut db, member.id).await?;
    let notice = Notice {
        subject: news.subject.into(),
        paragraphs: vec![news.paragraph],
        button: Notice::button(app, news.button.0, news.button.1),
        otherwise: format!(
            "If it was you, you need not do anything. If not, {}, and tell us: {contact}.",
            news.otherwise
        ),
        ..Notice::default()
    };
    notice.message(app, email, &member.name)
}
