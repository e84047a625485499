//! A house for sequences, what each act does in it, and what ought to come of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Mutex;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use connect_space::{
    billing::pass::{self, purchase::Purchase},
    bookings::{
        attendance::{self, Mark},
        booking::Booking,
        cancellation::{self, ByStaff, Reason},
        change::{self, Pricing, Way},
        check_in::{self, Word},
        closure::{closing, place::Place},
        confirmation,
        desk::{Desk, Outcome},
        moving::{self, Move},
        order::{Booker, Channel, Details, Hold, Order, Wanted},
        payer::Payer,
        recurrence::{End, Every, Recurrence},
        refusal::Refusal,
        series::{self, Scope, Series, Times, changing::Target, placing::Ask},
        term::{Term, Wish},
        undo,
    },
    error::Error,
    id::Id,
    members::{
        member::Member,
        staff::{Duties, Role},
    },
    spaces::space::Kind,
    time::{Span, Zone},
};
use sqlx::{Executor, PgConnection, PgPool};
use uuid::Uuid;

use super::{
    acts::{Act, Theme, When, during},
    laws::{self, AT_ONCE, Row},
};
use crate::support::{House, MORNING};

/// On top of the small house: rooms are released when nobody comes, nobody has more than one of a kind at once, and
/// two of the rooms are parts of the third.
const RULES: &str = "
    update booking_policies set max_at_once = 1;
    update booking_policies set unused = 'release' where name like 'rooms%';
    insert into space_parts (whole_id, part_id)
    select w.id, p.id from spaces w, spaces p where w.slug = 'lighthouse' and p.slug in ('dune', 'pier');
    insert into members (id, name, email, email_verified_at)
    values (gen_random_uuid(), 'Fatima Moosa', 'fatima@example.com', now())";

/// As if nothing had happened: quicker than another database for each sequence.
const ANEW: &str = "
    set session_replication_role = replica;
    truncate bookings, series, passes, closures, ledger_entries, audit_events, jobs cascade;
    set session_replication_role = origin";

pub struct Scene {
    house: House,
    theme: Theme,
    people: Vec<Id<Member>>,
    nomsa: Id<Member>,
    /// Its slug; the first two people book at its expense.
    company: String,
    spaces: Vec<(&'static str, Uuid)>,
    /// How often each act was done, and refused.
    tally: Mutex<BTreeMap<String, (u32, u32)>>,
}

/// One sequence being played.
struct Play<'a> {
    scene: &'a Scene,
    now: DateTime<Utc>,
    rows: Vec<Row>,
    sent: Option<(Order, Booker)>,
    made: Option<Id<Booking>>,
    closed: Vec<(String, Uuid, Span)>,
    keys: u32,
}

/// What an act came to.
enum Came {
    Done,
    /// There was nothing to do it to.
    Idle,
    Refused,
}

/// What the rules say of a wish.
#[derive(Debug, PartialEq)]
enum Verdict {
    Yes,
    Taken,
    Closed,
    TooMany,
    Past,
    /// The day is under way, or a day of a pass is in question: either answer may be right.
    Open,
}

impl Scene {
    pub async fn open(theme: Theme) -> Scene {
        let house = House::open().await;
        house.run(RULES).await;
        let id = async |name: &str| -> Uuid {
            let by_name = "select id from members where email = $1 || '@example.com'";
            sqlx::query_scalar(by_name)
                .bind(name)
                .fetch_one(&house.db)
                .await
                .unwrap()
        };
        let mut people = Vec::new();
        for name in ["thandeka", "sipho", "priya", "fatima"] {
            people.push(Id::from(id(name).await));
        }
        let nomsa = Id::from(id("nomsa").await);
        let mut spaces = Vec::new();
        for &slug in theme.spaces() {
            let by_slug = "select id from spaces where slug = $1";
            let id = sqlx::query_scalar(by_slug).bind(slug).fetch_one(&house.db);
            spaces.push((slug, id.await.unwrap()));
        }
        Scene {
            company: house.one("select slug from companies").await,
            house,
            theme,
            people,
            nomsa,
            spaces,
            tally: Mutex::default(),
        }
    }

    /// Plays a sequence from nothing; the error says which law was broken, and by what.
    pub async fn play(&self, acts: &[Act]) -> Result<(), String> {
        self.house.db.execute(sqlx::raw_sql(ANEW)).await.unwrap();
        let mut play = Play {
            scene: self,
            now: MORNING.parse().unwrap(),
            rows: Vec::new(),
            sent: None,
            made: None,
            closed: Vec::new(),
            keys: 0,
        };
        for act in acts {
            let came = play
                .step(act)
                .await
                .map_err(|fault| format!("{act:?}: {fault}"))?;
            let mut tally = self.tally.lock().unwrap();
            let (done, refused) = tally.entry(act.name()).or_default();
            match came {
                Came::Done => *done += 1,
                Came::Refused => *refused += 1,
                Came::Idle => {}
            }
        }
        Ok(())
    }

    /// How often each act was done and refused, and those that were never done.
    pub fn tally(&self) -> (String, Vec<&'static str>) {
        let tally = self.tally.lock().unwrap();
        let mut words = String::new();
        for (name, (done, refused)) in &*tally {
            writeln!(words, "{name}: {done} done, {refused} refused").unwrap();
        }
        let done: BTreeSet<&str> = tally
            .iter()
            .filter(|(_, (done, _))| *done > 0)
            .map(|(name, _)| name.as_str())
            .collect();
        let mut all = self.theme.names();
        all.retain(|name| !done.contains(name));
        (words, all)
    }

    fn db(&self) -> &PgPool {
        &self.house.app.db
    }

    fn who(&self, number: u8) -> Id<Member> {
        self.people[usize::from(number) % self.people.len()]
    }

    fn space(&self, number: u8) -> (&'static str, Uuid) {
        self.spaces[usize::from(number) % self.spaces.len()]
    }

    fn kind(&self) -> Kind {
        match self.theme {
            Theme::Rooms => Kind::MeetingRoom,
            Theme::Desks => Kind::HotDesk,
            Theme::Offices => Kind::Office,
        }
    }
}

/// Runs a change in a transaction of its own: kept if it was done, else as if it had not been tried.
macro_rules! attempt {
    ($play:expr, |$tx:ident| $change:expr) => {{
        let mut tx = $play.scene.db().begin().await.unwrap();
        let $tx: &mut PgConnection = &mut tx;
        let answer = $change
            .await
            .map_err(|error: Error| format!("it broke: {error:?}"))?;
        match &answer {
            Ok(_) => tx.commit().await.unwrap(),
            Err(_) => tx.rollback().await.unwrap(),
        }
        answer
    }};
}

fn came<T, E>(answer: Result<T, E>) -> Result<Came, String> {
    Ok(match answer {
        Ok(_) => Came::Done,
        Err(_) => Came::Refused,
    })
}

impl Play<'_> {
    async fn step(&mut self, act: &Act) -> Result<Came, String> {
        let came = self.act(act).await?;
        let rows = laws::read(&self.scene.house.db).await;
        let broken = laws::broken(act, &self.rows, &rows);
        self.rows = rows;
        match broken {
            Some(fault) => Err(fault),
            None => Ok(came),
        }
    }

    async fn act(&mut self, act: &Act) -> Result<Came, String> {
        let scene = self.scene;
        let now = self.now;
        match *act {
            Act::Hold { who, space, when } => {
                self.order(who, Some(space), when, Channel::Web, None).await
            }
            Act::Book {
                who,
                space,
                when,
                company,
            } => {
                let payer = if company && who < 2 {
                    Payer::Company(scene.company.clone())
                } else {
                    Payer::Member
                };
                self.order_paid(who, Some(space), when, Channel::Api, None, payer)
                    .await
            }
            Act::BookAny { who, when } => self.order(who, None, when, Channel::Api, None).await,
            Act::BookFor {
                who,
                space,
                when,
                reason,
            } => {
                let desk = Desk {
                    by: scene.nomsa,
                    duties: Duties::new(Role::Receptionist, None),
                    reason: if reason {
                        "They were promised it".to_owned()
                    } else {
                        String::new()
                    },
                    agreed: None,
                    outcome: Outcome::Confirmed,
                    tell: true,
                    paid: None,
                };
                self.order(who, Some(space), when, Channel::Phone, Some(desk))
                    .await
            }
            Act::Repeat {
                who,
                space,
                when,
                days,
                skip,
            } => self.repeat(who, space, when, days, skip).await,
            Act::CancelSeries { which } => {
                let Some((row, series)) = self.series(which) else {
                    return Ok(Came::Idle);
                };
                let ask = series::cancelling::Cancel {
                    scope: from_on(&row),
                    note: String::new(),
                    shown: None,
                    by: row.member_id.into(),
                    desk: None,
                };
                came(attempt!(self, |tx| series::cancelling::cancel(
                    tx, series, &ask, now
                )))
            }
            Act::ChangeSeries { which, space, skip } => {
                let Some((row, series)) = self.series(which) else {
                    return Ok(Came::Idle);
                };
                let change = series::changing::Change {
                    scope: from_on(&row),
                    target: Target {
                        space: Some(scene.space(space).0.to_owned()),
                        ..Target::default()
                    },
                    skip,
                    shown: None,
                    by: row.member_id.into(),
                    desk: None,
                };
                came(attempt!(self, |tx| change.carry_out(tx, series, now)))
            }
            Act::SendAgain => self.send_again().await,
            Act::Confirm { which } => {
                let Some(row) = self.booking(which) else {
                    return Ok(Came::Idle);
                };
                let answer = attempt!(self, |tx| confirmation::confirm(
                    tx,
                    row.member_id.into(),
                    row.id.into(),
                    None,
                    now
                ));
                came(answer)
            }
            Act::HoldLonger { which } => {
                let Some(row) = self.booking(which) else {
                    return Ok(Came::Idle);
                };
                came(attempt!(self, |tx| confirmation::extend_hold(
                    tx,
                    row.member_id.into(),
                    row.id.into()
                )))
            }
            Act::Cancel { which } => {
                let Some(row) = self.booking(which) else {
                    return Ok(Came::Idle);
                };
                came(attempt!(self, |tx| cancellation::cancel(
                    tx,
                    row.member_id.into(),
                    row.id.into(),
                    "",
                    None,
                    now
                )))
            }
            Act::CancelByStaff { which, our_fault } => {
                let Some(row) = self.booking(which) else {
                    return Ok(Came::Idle);
                };
                let how = ByStaff {
                    reason: if our_fault {
                        Reason::Us
                    } else {
                        Reason::Member
                    },
                    in_full: false,
                    shown: None,
                    note: String::new(),
                    tell: true,
                    version: None,
                };
                came(attempt!(self, |tx| cancellation::cancel_by_staff(
                    tx,
                    scene.nomsa,
                    row.id.into(),
                    &how,
                    now
                )))
            }
            Act::Move { which, space, when } => self.moved(which, space, when).await,
            Act::Change {
                which,
                space,
                when,
                keep_price,
            } => self.changed(which, space, when, keep_price).await,
            Act::TakeBack { which } => {
                let Some(row) = self.booking(which) else {
                    return Ok(Came::Idle);
                };
                came(attempt!(self, |tx| undo::undo(
                    tx,
                    scene.nomsa,
                    row.id.into(),
                    None
                )))
            }
            Act::Arrive { which } => self.says(which, Word::Arrive).await,
            Act::RunLate { which } => self.says(which, Word::Late).await,
            Act::Leave { which } => self.says(which, Word::Leave).await,
            Act::NotHere { which } => {
                let Some(row) = self.booking(which) else {
                    return Ok(Came::Idle);
                };
                came(attempt!(self, |tx| attendance::mark(
                    tx,
                    scene.nomsa,
                    row.id.into(),
                    Mark::Miss,
                    None,
                    now
                )))
            }
            Act::Sweep => self.sweep().await,
            Act::HoldsEnd => {
                scene.house.run("update bookings set hold_expires_at = now() - interval '1 second' where status = 'held'").await;
                scene.house.run("update occupancies o set held_until = b.hold_expires_at from bookings b where b.id = o.booking_id").await;
                Ok(Came::Done)
            }
            Act::ItBegins { which, tens } => {
                let Some(row) = self.booking(which) else {
                    return Ok(Came::Idle);
                };
                let then = row.starts + TimeDelta::minutes(10 * i64::from(tens) - 5);
                self.now = now.max(then);
                Ok(if then > now { Came::Done } else { Came::Idle })
            }
            Act::Later { quarters } => {
                self.now += TimeDelta::minutes(15 * i64::from(quarters));
                Ok(Came::Done)
            }
            Act::Close { space, when } => self.close(space, when).await,
            Act::Reopen => {
                let Some((reference, _, _)) = self.closed.pop() else {
                    return Ok(Came::Idle);
                };
                came(attempt!(self, |tx| closing::reopen(
                    tx,
                    scene.nomsa,
                    &reference,
                    1,
                    now
                )))
            }
            Act::BuyPass { who, month } => {
                let purchase = Purchase {
                    product: if month {
                        "musgrave-three"
                    } else {
                        "musgrave-week"
                    }
                    .to_owned(),
                    first: during(scene.theme.term(When::TOMORROW)).from.date_naive(),
                    payer: Payer::Member,
                    purchase_order: String::new(),
                    shown: None,
                    key: None,
                    channel: "web",
                    sold_by: None,
                };
                came(attempt!(self, |tx| purchase.buy(tx, scene.who(who), now)))
            }
            Act::GivePassBack { who } => {
                let mut db = scene.db().acquire().await.unwrap();
                let passes = pass::Pass::of(&mut db, scene.who(who)).await.unwrap();
                drop(db);
                let Some(pass) = passes.last() else {
                    return Ok(Came::Idle);
                };
                came(attempt!(self, |tx| pass::cancellation::cancel(
                    tx,
                    scene.who(who),
                    pass,
                    now
                )))
            }
        }
    }

    /// Counted from the newest.
    fn booking(&self, which: u8) -> Option<Row> {
        let count = self.rows.len();
        let back = usize::from(which) % count.max(1);
        self.rows.get(count.checked_sub(1 + back)?).cloned()
    }

    fn series(&self, which: u8) -> Option<(Row, Id<Series>)> {
        let row = self.booking(which)?;
        let series = row.series_id?.into();
        Some((row, series))
    }

    /// On so many days that follow each other.
    async fn repeat(
        &mut self,
        who: u8,
        space: u8,
        when: When,
        days: u8,
        skip: bool,
    ) -> Result<Came, String> {
        let (scene, now) = (self.scene, self.now);
        let member = scene.who(who);
        let (slug, space) = scene.space(space);
        let zone = Zone::named("Africa/Johannesburg").unwrap();
        let Some((first, times)) = Times::of(&scene.theme.term(when), zone) else {
            return Ok(Came::Idle);
        };
        let ask = Ask {
            wanted: Wanted::Space(slug.to_owned()),
            first,
            times,
            recurrence: Recurrence {
                every: Every::Day,
                interval: 1,
                end: End::Count(days.into()),
            },
            people: 1,
            layout: None,
            extras: Vec::new(),
            title: String::new(),
            details: Details::default(),
            payer: Payer::Member,
            skip,
            shown: None,
            key: None,
            desk: None,
        };
        let booker = Booker {
            member,
            proven: true,
            channel: Channel::Api,
            acting: None,
        };
        let is_sure = |date: NaiveDate| {
            let term = times.on(date, zone).unwrap();
            let is_open = !matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
            is_open && self.verdict(member, space, term, |_| false) == Verdict::Yes
        };
        let has_all = first.iter_days().take(days.into()).all(is_sure);
        let answer = attempt!(self, |tx| ask.place(tx, booker, now));
        if has_all && answer.is_err() && scene.theme == Theme::Rooms {
            return Err(format!("each date was to be had, and was {answer:?}"));
        }
        came(answer)
    }

    async fn order(
        &mut self,
        who: u8,
        space: Option<u8>,
        when: When,
        channel: Channel,
        desk: Option<Desk>,
    ) -> Result<Came, String> {
        self.order_paid(who, space, when, channel, desk, Payer::Member)
            .await
    }

    async fn order_paid(
        &mut self,
        who: u8,
        space: Option<u8>,
        when: When,
        channel: Channel,
        desk: Option<Desk>,
        payer: Payer,
    ) -> Result<Came, String> {
        let scene = self.scene;
        let space = space.map(|space| scene.space(space));
        self.keys += 1;
        let order = Order {
            wanted: match space {
                Some((slug, _)) => Wanted::Space(slug.to_owned()),
                None => Wanted::Any {
                    location: "musgrave".to_owned(),
                    kind: scene.kind(),
                },
            },
            wish: Wish::new(scene.theme.term(when), 1),
            extras: Vec::new(),
            title: String::new(),
            details: Details::default(),
            payer,
            hold: Hold::Checkout,
            shown: None,
            key: desk.is_none().then(|| format!("key {}", self.keys)),
            replaces: None,
            desk,
        };
        let booker = Booker {
            member: scene.who(who),
            proven: true,
            channel,
            acting: None,
        };
        let term = order.wish.term;
        let verdict = space.map(|(_, id)| {
            let own_checkout = |row: &Row| {
                channel == Channel::Web
                    && row.status == "held"
                    && row.channel == "web"
                    && row.member_id == booker.member.get()
            };
            self.verdict(booker.member, id, term, own_checkout)
        });
        let with_reason = order
            .desk
            .as_ref()
            .is_some_and(|desk| !desk.reason.is_empty());
        let now = self.now;
        let answer = attempt!(self, |tx| order.place(tx, booker, now));
        if let Some(verdict) = verdict {
            self.is_as(verdict, &answer, with_reason, order.desk.is_some())?;
        }
        if let Ok(booking) = &answer {
            self.sent = order.key.is_some().then_some((order, booker));
            self.made = Some(booking.id);
        }
        came(answer)
    }

    /// The same key answers with the same booking, whatever has happened since, and makes none.
    async fn send_again(&mut self) -> Result<Came, String> {
        let Some((order, booker)) = self.sent.clone() else {
            return Ok(Came::Idle);
        };
        let (before, now) = (self.rows.len(), self.now);
        let answer = attempt!(self, |tx| order.place(tx, booker, now));
        let same = answer
            .as_ref()
            .is_ok_and(|booking| Some(booking.id) == self.made);
        let count = laws::read(&self.scene.house.db).await.len();
        match same && count == before {
            true => Ok(Came::Done),
            false => Err(format!("sent twice it is another: {answer:?}")),
        }
    }

    /// As the rules say it, reckoned from what the tables hold.
    fn verdict(
        &self,
        member: Id<Member>,
        space: Uuid,
        term: Term,
        is_out_of_the_way: impl Fn(&Row) -> bool,
    ) -> Verdict {
        let during = during(term);
        let around = match self.scene.space_named(space) {
            "dune" => TimeDelta::minutes(15),
            _ => TimeDelta::zero(),
        };
        let occupies = Span::new(during.from, during.until + around);
        let others = || {
            self.rows
                .iter()
                .filter(|row| row.is_in_the_way() && !is_out_of_the_way(row))
        };
        let is_by_time = matches!(term, Term::Time(_));
        if !is_by_time && during.from.date_naive() <= self.now.date_naive() {
            return Verdict::Open;
        }
        let whole = self.scene.whole_of(space);
        let is_closed = self.closed.iter().any(|(_, closed, span)| {
            let is_here = *closed == space
                || whole == Some(*closed)
                || self.scene.whole_of(*closed) == Some(space);
            is_here && span.overlaps(during)
        });
        if is_by_time && during.from < self.now {
            return Verdict::Past;
        }
        if is_closed {
            return Verdict::Closed;
        }
        if others().any(|row| row.is_on(space, whole) && row.occupies().overlaps(occupies)) {
            return Verdict::Taken;
        }
        let own = || others().filter(|row| row.member_id == member.get() && row.counts());
        let meets = |row: &&Row| row.during().overlaps(during);
        let peak = own().filter(meets).count();
        if peak >= AT_ONCE {
            return if self.is_peak(member, during, &is_out_of_the_way) {
                Verdict::TooMany
            } else {
                Verdict::Open
            };
        }
        let draws = own().any(|row| row.days_drawn > 0);
        if draws { Verdict::Open } else { Verdict::Yes }
    }

    /// Whether somebody has as many as they may at one moment of a time.
    fn is_peak(
        &self,
        member: Id<Member>,
        during: Span,
        is_out_of_the_way: impl Fn(&Row) -> bool,
    ) -> bool {
        let own: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| row.counts() && !is_out_of_the_way(row))
            .filter(|row| row.member_id == member.get() && row.during().overlaps(during))
            .collect();
        own.iter().any(|row| {
            let moment = row.starts.max(during.from);
            let there = |other: &&&Row| other.starts <= moment && moment < other.ends;
            own.iter().filter(there).count() >= AT_ONCE
        })
    }

    /// What came is what the rules say.
    fn is_as(
        &self,
        verdict: Verdict,
        answer: &Result<Booking, Refusal>,
        with_reason: bool,
        at_the_desk: bool,
    ) -> Result<(), String> {
        let fits = match (&verdict, answer) {
            (Verdict::Open, _) => true,
            // A day of theirs that a pass pays for may be in the way of another desk.
            (_, Err(Refusal::DeskThatDay { .. })) => self.scene.theme == Theme::Desks,
            (Verdict::Yes, Ok(_)) => true,
            // It has begun a quarter of an hour ago at most, and they stand there.
            (Verdict::Past, _) if at_the_desk => true,
            (Verdict::Past, Err(refusal)) => *refusal == Refusal::Past,
            (Verdict::Closed, Err(refusal)) => {
                matches!(refusal, Refusal::Closure { .. }) || refusal.is_taken()
            }
            (Verdict::Taken, Err(refusal)) => refusal.is_taken(),
            (Verdict::TooMany, Err(Refusal::TooManyAtOnce { .. })) => true,
            (Verdict::TooMany, Ok(_)) => with_reason,
            _ => false,
        };
        match fits {
            true => Ok(()),
            false => Err(format!("it ought to be {verdict:?}, and was {answer:?}")),
        }
    }

    async fn moved(&mut self, which: u8, space: u8, when: When) -> Result<Came, String> {
        let Some(row) = self.booking(which) else {
            return Ok(Came::Idle);
        };
        let (wanted, now) = (self.wanted(space, when), self.now);
        let verdict = self.verdict(
            row.member_id.into(),
            self.scene.space(space).1,
            wanted.term,
            |other| other.id == row.id,
        );
        let mut db = self.scene.db().acquire().await.unwrap();
        let booking = Booking::by_id(&mut db, row.id.into())
            .await
            .unwrap()
            .unwrap();
        let foreseen = moving::foresee(&mut db, &booking, &wanted, now)
            .await
            .unwrap();
        drop(db);
        let shown = foreseen.as_ref().ok().map(|outlook| outlook.total);
        let asked = Move {
            wanted,
            version: Some(row.version),
            shown,
        };
        let answer = attempt!(self, |tx| moving::change(
            tx,
            row.member_id.into(),
            row.id.into(),
            &asked,
            now
        ));
        let fits = match (&verdict, &answer) {
            (Verdict::Taken | Verdict::Closed | Verdict::Past, Ok(_)) => {
                row.space_id == self.scene.space(space).1 && row.starts <= now
            }
            (Verdict::Yes, Err(change::Refusal::Rule(rule))) => {
                !rule.is_taken() || matches!(rule, Refusal::DeskThatDay { .. })
            }
            _ => true,
        };
        if !fits {
            return Err(format!("it ought to be {verdict:?}, and was {answer:?}"));
        }
        if foreseen.is_ok() != answer.is_ok() {
            return Err(format!("foreseen as {foreseen:?}, and was {answer:?}"));
        }
        came(answer)
    }

    async fn changed(
        &mut self,
        which: u8,
        space: u8,
        when: When,
        keep_price: bool,
    ) -> Result<Came, String> {
        let Some(row) = self.booking(which) else {
            return Ok(Came::Idle);
        };
        let (wanted, now) = (self.wanted(space, when), self.now);
        let mut way = Way {
            version: Some(row.version),
            price: keep_price.then_some(Pricing::Keep),
            ..Way::default()
        };
        let scene = self.scene;
        let mut answer = attempt!(self, |tx| change::change(
            tx,
            scene.nomsa,
            row.id.into(),
            &wanted,
            &way,
            now
        ));
        if let Err(change::Refusal::Price { now: shown, .. }) = answer {
            way.price = Some(Pricing::New { shown });
            answer = attempt!(self, |tx| change::change(
                tx,
                scene.nomsa,
                row.id.into(),
                &wanted,
                &way,
                now
            ));
        }
        came(answer)
    }

    fn wanted(&self, space: u8, when: When) -> change::Wanted {
        change::Wanted {
            space: self.scene.space(space).0.to_owned(),
            term: self.scene.theme.term(when),
            people: 1,
        }
    }

    async fn says(&mut self, which: u8, word: Word) -> Result<Came, String> {
        let Some(row) = self.booking(which) else {
            return Ok(Came::Idle);
        };
        let now = self.now;
        came(attempt!(self, |tx| check_in::say(
            tx,
            row.member_id.into(),
            row.id.into(),
            word,
            now
        )))
    }

    async fn sweep(&mut self) -> Result<Came, String> {
        let now = self.now;
        let mut tx = self.scene.db().begin().await.unwrap();
        for id in check_in::unused(&mut tx, now).await.unwrap() {
            check_in::release(&mut tx, id.into(), now).await.unwrap();
        }
        attendance::complete_ended(&mut tx, now).await.unwrap();
        tx.commit().await.unwrap();
        Ok(Came::Done)
    }

    async fn close(&mut self, space: u8, when: When) -> Result<Came, String> {
        let (slug, id) = self.scene.space(space);
        let span = during(self.scene.theme.term(when));
        let terms = closing::Terms {
            from: span.from,
            until: Some(span.until),
            reason: "A burst pipe".to_owned(),
            wording: "Closed for a repair.".to_owned(),
        };
        let (scene, now) = (self.scene, self.now);
        let mut db = scene.db().acquire().await.unwrap();
        let places = Place::all(&mut db).await.unwrap();
        drop(db);
        let key = format!("space:{slug}");
        let place = places.iter().find(|place| place.key == key).unwrap();
        let answer = attempt!(self, |tx| closing::close(
            tx,
            scene.nomsa,
            place,
            &terms,
            now
        ));
        if let Ok(reference) = &answer {
            self.closed.push((reference.clone(), id, span));
        }
        came(answer)
    }
}

/// Its date and those after it.
fn from_on(row: &Row) -> Scope {
    Scope {
        first: Some(row.date),
        last: None,
    }
}

impl Scene {
    /// The whole that a space is a part of.
    fn whole_of(&self, space: Uuid) -> Option<Uuid> {
        let is_part = ["dune", "pier"].contains(&self.space_named(space));
        let whole = self.spaces.iter().find(|(slug, _)| *slug == "lighthouse");
        whole.filter(|_| is_part).map(|(_, id)| *id)
    }

    fn space_named(&self, id: Uuid) -> &'static str {
        self.spaces
            .iter()
            .find(|(_, space)| *space == id)
            .map_or("", |(slug, _)| slug)
    }
}
