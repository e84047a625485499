//! The mails about viewings: to the prospect, to the location, and to whoever shows it.

use uuid::Uuid;

use super::{
    calendar::Entry,
    letter::Letter,
    link, news as letters, note, promise,
    times::VISIT,
    viewing::{Status, Viewing},
    visit,
};
use crate::{
    app::App,
    error::Result,
    form::{line, phone_words},
    locations::location::Location,
    mail::Message,
    members::member::Member,
    time::Span,
    transaction::Db,
};

const TO_PROSPECT: &str =
    "This was sent because somebody asked on our site to see the place, with this address.";
const TO_STAFF: &str = "This was sent because you work here.";

/// A request and where it leads to.
struct Case {
    viewing: Viewing,
    place: Option<Location>,
}

impl Case {
    async fn read(db: &mut Db, id: Uuid) -> Result<Option<Case>> {
        let Some(viewing) = Viewing::by_id(db, id.into()).await? else {
            return Ok(None);
        };
        let place = Location::find(db, &viewing.place_slug).await?;
        Ok((!viewing.forgotten).then_some(Case { viewing, place }))
    }

    fn entry(&self, url: String, words: Vec<String>) -> Entry<'_> {
        Entry {
            viewing: &self.viewing,
            place: self.place.as_ref(),
            url,
            words,
        }
    }

    /// How to get there, for a letter.
    fn arrival(&self, letter: Letter) -> Letter {
        let Some(place) = &self.place else {
            return letter;
        };
        letter
            .fact("Address", &place.address)
            .fact("Gate", &place.gate)
            .fact("Parking", &place.parking)
            .fact("Phone", &place.phone)
    }

    /// Whom it is about, for staff.
    fn person(&self, letter: Letter) -> Letter {
        let viewing = &self.viewing;
        letter
            .fact("Where", &viewing.place)
            .fact("Name", &viewing.name)
            .fact("Company", &viewing.company)
            .fact("Email", viewing.email.clone().unwrap_or_default())
            .fact("Phone", phone(viewing))
    }
}

/// As people read and dial it; empty if they left none.
fn phone(viewing: &Viewing) -> String {
    viewing
        .phone
        .as_deref()
        .map(phone_words)
        .unwrap_or_default()
}

/// To the prospect; `None` if they left no address, or the request is over.
pub async fn requested(app: &App, id: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let now = app.clock.now();
    let Some(case) = Case::read(&mut db, id).await? else {
        return Ok(None);
    };
    let viewing = &case.viewing;
    let Some(email) = viewing
        .email
        .as_deref()
        .filter(|_| viewing.status.is_working())
    else {
        return Ok(None);
    };
    let secret = link::mint(&mut db, viewing.id).await?;
    let by = match &case.place {
        Some(place) => {
            let by = promise::answer_by(&mut db, place, now).await?;
            promise::words(place, by, now)
        }
        None => "the end of the next working day".into(),
    };
    let path = format!("/viewings/{secret}");
    let first = viewing.wished.iter().copied().find(|at| *at > now);
    let mut lines = vec![format!("Thank you. We confirm a time by {by}.")];
    if first.is_some() {
        lines.push("The first time you chose is in the file with this mail, as a proposal.".into());
    }
    let times: Vec<String> = viewing
        .wished
        .iter()
        .map(|at| viewing.moment(*at, now))
        .collect();
    let letter = Letter {
        subject: format!("Your visit to Connect Space {}", viewing.place),
        title: "We have your request".into(),
        lines,
        button: Some(("Change or withdraw it", path.clone())),
        after: vec!["Pass the link on to nobody: whoever has it can change your request.".into()],
        reason: TO_PROSPECT,
        ..Letter::default()
    }
    .fact("Where", format!("Connect Space {}", viewing.place))
    .fact("You chose", times.join(" or "))
    .fact("For", viewing.wants(now))
    .fact("Reference", &viewing.reference);
    // Whoever typed the address has not shown that it is theirs: no mail carries their other words.
    let mut message = case.arrival(letter).to(app, email, email)?;
    if let Some(from) = first {
        let entry = case.entry(
            app.config.public_url().link(&path),
            vec!["Not confirmed yet.".into()],
        );
        let during = Span::new(from, from + VISIT);
        message.calendar = Some(entry.proposed(during, (email, email), &app.config, now));
    }
    Ok(Some(message))
}

/// To the location's own address; `None` if it has none.
pub async fn arrived(app: &App, id: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some(case) = Case::read(&mut db, id).await? else {
        return Ok(None);
    };
    let Some(place) = case.place.as_ref().filter(|place| !place.email.is_empty()) else {
        return Ok(None);
    };
    let viewing = &case.viewing;
    let notes = note::of(&mut db, viewing.id).await?;
    let said = notes
        .into_iter()
        .find(|note| note.kind == note::Kind::Request);
    let letter = Letter {
        subject: format!("Viewing: {}, {}", line(&viewing.name), viewing.place),
        title: "Somebody wants to see the place".into(),
        said: said.map(|note| ("They wrote:".to_owned(), note.body)),
        button: Some(("Open it on the board", viewing.url())),
        reason: TO_STAFF,
        ..Letter::default()
    };
    Ok(Some(case.person(letter).to(
        app,
        &place.email,
        &place.name,
    )?))
}

/// That a visit is agreed, has moved, or is off. `None` if anything has happened to it since, or if
/// there is nobody to tell.
pub async fn invitation(
    app: &App,
    id: Uuid,
    sequence: i32,
    guide: Option<Uuid>,
) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some(case) = Case::read(&mut db, id).await? else {
        return Ok(None);
    };
    match guide {
        Some(guide) => to_guide(app, &mut db, &case, sequence, guide).await,
        None => to_prospect(app, &mut db, &case, sequence).await,
    }
}

async fn to_prospect(
    app: &App,
    db: &mut Db,
    case: &Case,
    sequence: i32,
) -> Result<Option<Message>> {
    let (now, viewing) = (app.clock.now(), &case.viewing);
    let Some(email) = viewing
        .email
        .as_deref()
        .filter(|_| viewing.sequence == sequence)
    else {
        return Ok(None);
    };
    let to = (email, viewing.name.as_str());
    let Some(when) = viewing
        .when(now)
        .filter(|_| viewing.status == Status::Scheduled)
    else {
        // A visit they never heard of need not be called off.
        if viewing.told_sequence.is_none() {
            return Ok(None);
        }
        let letter = Letter {
            subject: format!("Your visit to Connect Space {} is off", viewing.place),
            title: "Your visit is off".into(),
            lines: vec![format!(
                "Hello {}, the visit we had agreed on is off. The file takes it out of your calendar.",
                line(&viewing.name)
            )],
            button: Some(("Choose another time", "/contact".into())),
            reason: TO_PROSPECT,
            ..Letter::default()
        }
        .fact("Where", format!("Connect Space {}", viewing.place));
        let mut message = letter.to(app, to.0, to.1)?;
        let entry = case.entry(String::new(), vec!["This visit is off.".into()]);
        message.calendar = Some(entry.called_off(to, &app.config, now));
        return Ok(Some(message));
    };
    let secret = link::mint(db, viewing.id).await?;
    let path = format!("/viewings/{secret}");
    let moved = viewing.told_sequence.is_some();
    let letter = Letter {
        subject: format!(
            "{}: {when}, Connect Space {}",
            if moved {
                "Your visit has moved"
            } else {
                "Your visit"
            },
            viewing.place
        ),
        title: if moved {
            "Your visit has moved"
        } else {
            "See you there"
        }
        .into(),
        lines: vec![format!(
            "Hello {}, we look forward to showing you round.",
            line(&viewing.name)
        )],
        button: Some(("Change or withdraw it", path.clone())),
        after: vec!["The file puts it into your calendar.".into()],
        reason: TO_PROSPECT,
        ..Letter::default()
    }
    .fact("When", &when)
    .fact("Where", format!("Connect Space {}", viewing.place))
    .fact("Ask for", viewing.guide_name.clone().unwrap_or_default());
    let mut message = case.arrival(letter).to(app, to.0, to.1)?;
    let entry = case.entry(
        app.config.public_url().link(&path),
        vec![format!("Reference {}", viewing.reference)],
    );
    message.calendar = Some(entry.agreed(to, &app.config, now));
    visit::told(db, viewing).await?;
    Ok(Some(message))
}

async fn to_guide(
    app: &App,
    db: &mut Db,
    case: &Case,
    sequence: i32,
    guide: Uuid,
) -> Result<Option<Message>> {
    let (now, viewing) = (app.clock.now(), &case.viewing);
    let member = Member::find(db, guide.into()).await?;
    let Some(email) = member.email.as_deref() else {
        return Ok(None);
    };
    let to = (email, member.name.as_str());
    let page = app.config.public_url().link(&viewing.url());
    let guides_it = viewing.status == Status::Scheduled && viewing.guide == Some(guide);
    let Some(when) = viewing.when(now).filter(|_| guides_it) else {
        let letter = Letter {
            subject: format!("Off: a visit to {}", viewing.place),
            title: "You need not show anybody round".into(),
            lines: vec!["The visit was moved to somebody else or called off.".into()],
            button: Some(("See what happened", viewing.url())),
            reason: TO_STAFF,
            ..Letter::default()
        };
        let mut message = case.person(letter).to(app, to.0, to.1)?;
        let entry = case.entry(page, vec!["This visit is off.".into()]);
        message.calendar = Some(entry.called_off(to, &app.config, now));
        return Ok(Some(message));
    };
    if viewing.sequence != sequence {
        return Ok(None);
    }
    let letter = Letter {
        subject: format!(
            "You show {} round: {when}, {}",
            line(&viewing.name),
            viewing.place
        ),
        title: "You show somebody round".into(),
        button: Some(("Open it on the board", viewing.url())),
        reason: TO_STAFF,
        ..Letter::default()
    }
    .fact("When", &when);
    let letter = case.person(letter).fact("Wants", viewing.wants(now));
    let mut message = letter.to(app, to.0, to.1)?;
    let words = vec![line(&viewing.name), phone(viewing)];
    let entry = case.entry(page, words);
    message.calendar = Some(entry.agreed(to, &app.config, now));
    Ok(Some(message))
}

/// Before a visit; `None` if it has moved or is off.
pub async fn reminder(
    app: &App,
    id: Uuid,
    sequence: i32,
    guide: Option<Uuid>,
) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let now = app.clock.now();
    let Some(case) = Case::read(&mut db, id).await? else {
        return Ok(None);
    };
    let viewing = &case.viewing;
    let stands = viewing.status == Status::Scheduled && viewing.sequence == sequence;
    let Some(when) = viewing.when(now).filter(|_| stands) else {
        return Ok(None);
    };
    if let Some(guide) = guide {
        let member = Member::find(&mut db, guide.into()).await?;
        let Some(email) = member.email.as_deref() else {
            return Ok(None);
        };
        let letter = Letter {
            subject: format!("Reminder: {} comes {when}", line(&viewing.name)),
            title: "You show somebody round".into(),
            button: Some(("Open it on the board", viewing.url())),
            reason: TO_STAFF,
            ..Letter::default()
        }
        .fact("When", &when);
        let letter = case.person(letter).fact("Wants", viewing.wants(now));
        return Ok(Some(letter.to(app, email, &member.name)?));
    }
    let Some(email) = viewing.email.as_deref() else {
        return Ok(None);
    };
    let secret = link::mint(&mut db, viewing.id).await?;
    let letter = Letter {
        subject: format!("Reminder: your visit, {when}"),
        title: "See you soon".into(),
        lines: vec![format!(
            "Hello {}, this is a reminder of your visit.",
            line(&viewing.name)
        )],
        button: Some(("Change or withdraw it", format!("/viewings/{secret}"))),
        reason: TO_PROSPECT,
        ..Letter::default()
    }
    .fact("When", &when)
    .fact("Where", format!("Connect Space {}", viewing.place))
    .fact("Ask for", viewing.guide_name.clone().unwrap_or_default());
    Ok(Some(case.arrival(letter).to(app, email, &viewing.name)?))
}

/// To whoever is put off until now, if they agreed to news and nothing has happened since `version`.
pub async fn news(app: &App, id: Uuid, version: i32) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some(case) = Case::read(&mut db, id).await? else {
        return Ok(None);
    };
    let viewing = &case.viewing;
    let waits = viewing.status == Status::Later && viewing.version == version;
    let Some(email) = viewing.email.as_deref().filter(|_| waits) else {
        return Ok(None);
    };
    if !letters::may_be_mailed(&mut db, viewing).await? {
        return Ok(None);
    }
    let token = letters::token(&mut db, viewing.id).await?;
    let letter = Letter {
        subject: format!("Still looking for a space, {}?", line(&viewing.name)),
        title: "Still looking?".into(),
        lines: vec![format!(
            "Hello {}, you wanted to hear from us about now. If {} is still on your mind, choose a time and we show you round.",
            line(&viewing.name),
            viewing.place
        )],
        button: Some((
            "Choose a time",
            format!("/contact?location={}", viewing.place_slug),
        )),
        reason: "This was sent because you agreed to news from us by email.",
        unsubscribe: Some(format!("/unsubscribe/{token}")),
        ..Letter::default()
    };
    Ok(Some(letter.to(app, email, &viewing.name)?))
}
