//! The mails about an account: whatever is done with it, its owner is told.

use askama::Template;
use uuid::Uuid;

use super::{
    email_change::{self, EmailChange, Outcome},
    erasure,
    invitation::{self, Invitation},
    member::{Member, Standing},
    profile::Profile,
};
use crate::{
    app::App, error::Result, id::Id, locations::location::Location, mail::Message, sessions::token,
    transaction::Db,
};

#[derive(Default)]
pub(super) struct Notice {
    pub subject: String,
    pub site: String,
    pub paragraphs: Vec<String>,
    /// What to press, and its address.
    pub button: Option<(&'static str, String)>,
    /// What it means if the reader did not ask for it.
    pub otherwise: String,
}

#[derive(Template)]
#[template(path = "members/emails/notice.txt")]
struct NoticeText<'a> {
    mail: &'a Notice,
}

#[derive(Template)]
#[template(path = "members/emails/notice.html")]
struct NoticeHtml<'a> {
    mail: &'a Notice,
}

impl Notice {
    /// `path` is an address of ours.
    pub(super) fn button(
        app: &App,
        words: &'static str,
        path: &str,
    ) -> Option<(&'static str, String)> {
        Some((words, app.config.public_url().link(path)))
    }

    pub(super) fn message(mut self, app: &App, to: &str, to_name: &str) -> Result<Option<Message>> {
        self.site = app.config.public_url().link("/");
        Ok(Some(Message {
            to: to.to_owned(),
            to_name: to_name.to_owned(),
            subject: self.subject.clone(),
            text: NoticeText { mail: &self }.render()?,
            html: NoticeHtml { mail: &self }.render()?,
            calendar: None,
            unsubscribe: None,
        }))
    }
}

/// Whom to turn to: the member's location, or the address that our mails come from.
pub(super) async fn contact(app: &App, db: &mut Db, member: Id<Member>) -> Result<String> {
    let home = match Profile::of(db, member).await?.home {
        Some(slug) => Location::find(db, &slug).await?,
        None => None,
    };
    let ways = home.map_or(Vec::new(), |home| vec![home.email, home.phone]);
    let ways: Vec<String> = ways.into_iter().filter(|way| !way.is_empty()).collect();
    Ok(if ways.is_empty() {
        app.config.mail_from().email.to_string()
    } else {
        ways.join(" or ")
    })
}

/// To the address that the account has, while it has it.
pub async fn change_requested(app: &App, change: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some(change) = EmailChange::find(&mut db, change)
        .await?
        .filter(|change| change.is_open)
    else {
        return Ok(None);
    };
    let Some(old) = &change.old_email else {
        return Ok(None);
    };
    let contact = contact(app, &mut db, change.member).await?;
    let notice = Notice {
        subject: "Another email address for your account".into(),
        paragraphs: vec![format!(
            "You asked us to use {} for your account, in place of this address. That happens when the link which \
             we mailed there is followed; until then everything stays as it is.",
            change.new_email
        )],
        button: Notice::button(app, "Keep this address", "/account/email"),
        otherwise: format!(
            "If it was not you, somebody else is signed in to your account: press the button, set a new password, \
             and tell us: {contact}."
        ),
        ..Notice::default()
    };
    notice.message(app, old, &change.name)
}

/// To the new address: the link, or to somebody who has the address already, that it stays theirs.
pub async fn change_link(app: &App, change: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some(change) = EmailChange::find(&mut db, change)
        .await?
        .filter(|change| change.is_open)
    else {
        return Ok(None);
    };
    let notice = match change.mint(&mut db).await? {
        Outcome::Confirm(secret) => Notice {
            subject: "Confirm your new email address".into(),
            paragraphs: vec![
                "Use this link to have this address for your account with us. If you are asked to sign in, do so as \
                 you did before."
                    .into(),
            ],
            button: Notice::button(app, "Use this address", &format!("/account/email/{secret}")),
            otherwise: format!(
                "The link works once, for {} minutes after it was asked for. If you did not ask for it, somebody has \
                 mistyped their own address: you need not do anything.",
                email_change::MINUTES
            ),
            ..Notice::default()
        },
        Outcome::Taken => Notice {
            subject: "You have an account with this address".into(),
            paragraphs: vec![
                "Somebody asked to use this address for another account with us. Nothing was changed: it belongs to \
                 your account, and stays there. They were not told so."
                    .into(),
            ],
            button: Notice::button(app, "Sign in with this address", "/sign-in"),
            otherwise: "If it was you, sign in with this address in place of the other one. If not, you need not do \
                        anything."
                .into(),
            ..Notice::default()
        },
    };
    notice.message(app, &change.new_email, &change.new_email)
}

/// To the address that was the account's before.
pub async fn changed(app: &App, change: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some(change) = EmailChange::find(&mut db, change).await? else {
        return Ok(None);
    };
    let Some(old) = &change.old_email else {
        return Ok(None);
    };
    let contact = contact(app, &mut db, change.member).await?;
    let notice = Notice {
        subject: "Your email address was changed".into(),
        paragraphs: vec![format!(
            "Your account with us has the address {} from now on. You sign in with it, and nothing more comes to this \
             one.",
            change.new_email
        )],
        otherwise: format!("If it was not you, tell us at once: {contact}."),
        ..Notice::default()
    };
    notice.message(app, old, &change.name)
}

pub async fn password_changed(app: &App, member: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let member = Member::find(&mut db, member.into()).await?;
    let Some(email) = &member.email else {
        return Ok(None);
    };
    let contact = contact(app, &mut db, member.id).await?;
    let notice = Notice {
        subject: "Your password was changed".into(),
        paragraphs: vec![
            "Your account has a new password. Wherever you were signed in, you are signed out, but for the device that \
             it was changed on."
                .into(),
        ],
        button: Notice::button(app, "Choose another password", "/reset-password"),
        otherwise: format!(
            "If it was you, you need not do anything. If not, choose another password at once, and tell us: {contact}."
        ),
        ..Notice::default()
    };
    notice.message(app, email, &member.name)
}

/// `None` if it has been revoked since.
pub async fn token_made(app: &App, token: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some((owner, name)) = token::owner(&mut db, token).await? else {
        return Ok(None);
    };
    let Some(email) = &owner.email else {
        return Ok(None);
    };
    let notice = Notice {
        subject: "A new API token for your account".into(),
        paragraphs: vec![format!(
            "A token called “{name}” was made. Whatever program has it may do what you may, until you revoke it."
        )],
        button: Notice::button(app, "See your tokens", "/account/security"),
        otherwise: "If it was not you, revoke it there and set a new password.".into(),
        ..Notice::default()
    };
    notice.message(app, email, &owner.name)
}

/// `None` if it was accepted or withdrawn since.
pub async fn invited(app: &App, invitation: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some((secret, invitation)) = Invitation::mint(&mut db, invitation).await? else {
        return Ok(None);
    };
    let notice = Notice {
        subject: format!("{} invites you", invitation.company),
        paragraphs: vec![format!(
            "{} would like you to join {} at Connect Space, as {}.",
            invitation.invited_by,
            invitation.company,
            invitation.role.words()
        )],
        button: Notice::button(app, "See the invitation", &format!("/invitations/{secret}")),
        otherwise: format!(
            "It stands for {} days. If you do not know who that is, you need not do anything. Pass the link on to nobody.",
            invitation::DAYS
        ),
        ..Notice::default()
    };
    notice.message(app, &invitation.email, &invitation.email)
}

/// `None` if they took it back, or are forgotten already.
pub async fn erasure_asked(app: &App, member: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let member = Member::find(&mut db, member.into()).await?;
    let (Some(email), Some(_)) = (&member.email, erasure::asked_at(&mut db, member.id).await?)
    else {
        return Ok(None);
    };
    let contact = contact(app, &mut db, member.id).await?;
    let notice = Notice {
        subject: "You asked to be forgotten".into(),
        paragraphs: vec![
            "Within 30 days we delete your name, your email address, your phone number, your password and everything \
             you typed into bookings. Bookings, the account and its receipts stay without your name: the law has us \
             keep them."
                .into(),
            "Bookings and passes that are still to come are over or cancelled first, and what is due is paid. From \
             then on you cannot sign in any more."
                .into(),
        ],
        button: Notice::button(app, "Keep my account after all", "/account/privacy#forgotten"),
        otherwise: format!(
            "If it was not you, press the button, set a new password, and tell us: {contact}."
        ),
        ..Notice::default()
    };
    notice.message(app, email, &member.name)
}

/// That a member is barred or pays first, and why, or that it is lifted: as it stands when the mail is written.
pub async fn standing_changed(app: &App, member: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let (member, reason) = Member::with_reason(&mut db, member.into()).await?;
    let Some(email) = &member.email else {
        return Ok(None);
    };
    let contact = contact(app, &mut db, member.id).await?;
    let (subject, sentence) = match member.standing {
        Standing::Good => (
            "You can book again",
            "Your account is in good standing: you can book as before.".to_owned(),
        ),
        Standing::PayFirst => (
            "Please pay before you book",
            format!(
                "From now on your bookings are yours once they are paid, at the front desk or by EFT. The reason: {reason}"
            ),
        ),
        Standing::Barred => (
            "Your account cannot book at the moment",
            format!(
                "Your account cannot make new bookings. What you have booked stands. The reason: {reason}"
            ),
        ),
    };
    let notice = Notice {
        subject: subject.into(),
        paragraphs: vec![sentence],
        otherwise: format!("If you think this is wrong, tell us: {contact}."),
        ..Notice::default()
    };
    notice.message(app, email, &member.name)
}
