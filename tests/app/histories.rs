//! Two server processes on one database: whatever their clients see of a slot could have happened one after the
//! other, in an order that agrees with the clock. Some of the clients hang up before they have heard.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::Days;
use connect_space::clock::Clock;
use connect_space::embedded::{APP, OWNER};
use rand::RngExt;
use reqwest::{Method, StatusCode};
use serde_json::json;
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::support::{Api, House};

const CLIENTS: usize = 8;
const ROUNDS: usize = 24;
/// The hours of one room on one day, each a slot of its own.
const SLOTS: usize = 8;

/// The real program, ended when this is dropped.
struct Server {
    url: String,
    process: Child,
}

impl Server {
    async fn start(house: &House) -> Server {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let socket = House::socket_folder();
        let database = |role: &str| {
            format!(
                "postgres://{role}@localhost/{}?host={}",
                house.database.name(),
                socket.display()
            )
        };
        let process = Command::new(env!("CARGO_BIN_EXE_connect-space"))
            .arg("serve")
            .env("PORT", port.to_string())
            .env("DATABASE_URL", database(APP))
            .env("DATABASE_OWNER_URL", database(OWNER))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Server {
            url: format!("http://127.0.0.1:{port}"),
            process,
        };
        server.be_ready().await;
        server
    }

    async fn be_ready(&self) {
        for _ in 0..200 {
            let answer = reqwest::get(format!("{}/readyz", self.url)).await;
            if answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("{} is not ready", self.url);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An hour of the room, one thing at a time: what it ought to look like to everybody. The number is that of the
/// attempt which has it.
#[derive(Clone)]
struct Slot(Option<usize>);

#[derive(Clone, Debug)]
enum Asked {
    Book(usize),
    Cancel(usize),
}

#[derive(Clone, Debug, PartialEq)]
enum Answered {
    Done,
    Taken,
}

impl SequentialSpec for Slot {
    type Op = Asked;
    type Ret = Answered;

    fn invoke(&mut self, asked: &Asked) -> Answered {
        match *asked {
            Asked::Book(attempt) if self.0.is_none() => self.0 = Some(attempt),
            Asked::Book(_) => return Answered::Taken,
            Asked::Cancel(attempt) if self.0 == Some(attempt) => self.0 = None,
            Asked::Cancel(_) => {}
        }
        Answered::Done
    }
}

/// What happened at a slot, in the order of the clock; `thread` asks one thing at a time.
#[derive(Debug)]
enum Event {
    Asks {
        slot: usize,
        thread: usize,
        asked: Asked,
    },
    Hears {
        slot: usize,
        thread: usize,
        answered: Answered,
    },
}

#[derive(Default)]
struct History {
    events: Mutex<Vec<Event>>,
    numbers: Mutex<usize>,
}

impl History {
    fn note(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }

    fn number(&self) -> usize {
        let mut numbers = self.numbers.lock().unwrap();
        *numbers += 1;
        *numbers
    }

    fn count(&self, wanted: &Answered) -> usize {
        let events = self.events.lock().unwrap();
        let heard =
            |event: &&Event| matches!(event, Event::Hears { answered, .. } if answered == wanted);
        events.iter().filter(heard).count()
    }

    fn asked(&self) -> usize {
        let events = self.events.lock().unwrap();
        events
            .iter()
            .filter(|event| matches!(event, Event::Asks { .. }))
            .count()
    }

    /// The events of a slot, if no order of them explains what was heard.
    fn unexplained(&self, slot: usize) -> Option<String> {
        let events = self.events.lock().unwrap();
        let mut tester = LinearizabilityTester::new(Slot(None));
        let mut told = Vec::new();
        for event in events.iter() {
            match event {
                Event::Asks {
                    slot: here,
                    thread,
                    asked,
                } if *here == slot => {
                    tester.on_invoke(*thread, asked.clone()).unwrap();
                }
                Event::Hears {
                    slot: here,
                    thread,
                    answered,
                } if *here == slot => {
                    tester.on_return(*thread, answered.clone()).unwrap();
                }
                _ => continue,
            }
            told.push(format!("{event:?}"));
        }
        (!tester.is_consistent()).then(|| told.join("\n"))
    }
}

/// Books and cancels, now here and now there, and now and then hangs up.
async fn client(servers: [Api; 2], day: String, history: Arc<History>) {
    let mut thread = history.number();
    let mut held: Vec<Option<(usize, String)>> = vec![None; SLOTS];
    for _ in 0..ROUNDS {
        let slot = rand::rng().random_range(0..SLOTS);
        let api = &servers[rand::rng().random_range(0..2)];
        let patience = match rand::rng().random_ratio(1, 8) {
            true => Duration::from_millis(rand::rng().random_range(1..12)),
            false => Duration::from_secs(30),
        };
        let attempt = match &held[slot] {
            Some((attempt, _)) => *attempt,
            None => history.number(),
        };
        let (asked, request) = match &held[slot] {
            Some((_, reference)) => (
                Asked::Cancel(attempt),
                api.request(Method::POST, &format!("/bookings/{reference}/cancellation")).json(&json!({})),
            ),
            None => (
                Asked::Book(attempt),
                api.request(Method::POST, "/bookings").json(&json!({
                    "space": "prairie", "people": 1,
                    "from": format!("{day}T{:02}:00", 9 + slot), "until": format!("{day}T{:02}:00", 10 + slot),
                })),
            ),
        };
        history.note(Event::Asks {
            slot,
            thread,
            asked,
        });
        let Ok(answer) = timeout(patience, api.send(request)).await else {
            // Nobody knows what became of it, so it may come at any time from now on.
            (thread, held[slot]) = (history.number(), None);
            continue;
        };
        let answered = match answer.status {
            StatusCode::CREATED | StatusCode::OK => Answered::Done,
            StatusCode::CONFLICT if answer.problem() == "taken" => Answered::Taken,
            _ => panic!("neither done nor taken: {answer:?}"),
        };
        let reference = answer.json["reference"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        held[slot] = (answer.status == StatusCode::CREATED).then_some((attempt, reference));
        history.note(Event::Hears {
            slot,
            thread,
            answered,
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_are_as_one() {
    let house = House::open().await;
    let (one, other) = (Server::start(&house).await, Server::start(&house).await);
    // Far enough ahead on the servers' own clocks that nothing is too late or too soon; Chicago is open every day.
    let day = (Clock::system().now() + Days::new(5))
        .date_naive()
        .to_string();
    let history = Arc::new(History::default());
    let mut clients = JoinSet::new();
    for name in house.crowd(CLIENTS as i32).await {
        let api = house.api(&name).await;
        let servers = [api.at(&one.url), api.at(&other.url)];
        clients.spawn(client(servers, day.clone(), history.clone()));
    }
    clients.join_all().await;
    for slot in 0..SLOTS {
        if let Some(events) = history.unexplained(slot) {
            panic!("slot {slot} cannot be explained:\n{events}");
        }
    }
    let (done, taken) = (
        history.count(&Answered::Done),
        history.count(&Answered::Taken),
    );
    assert!(
        done > 20 && taken > 10,
        "{done} done, {taken} taken: too few to tell"
    );
    assert!(history.asked() > done + taken, "nobody has hung up");
    let twice = "select count(*) from occupancies a join occupancies b
                 on a.space_id = b.space_id and a.id < b.id and a.active and b.active and a.occupies && b.occupies";
    assert_eq!(house.one::<i64>(twice).await, 0);
}

#[test]
fn what_cannot_be_explained_is_noticed() {
    let history = History::default();
    let asks = |thread, asked| {
        history.note(Event::Asks {
            slot: 0,
            thread,
            asked,
        })
    };
    let hears = |thread, answered| {
        history.note(Event::Hears {
            slot: 0,
            thread,
            answered,
        })
    };
    asks(1, Asked::Book(1));
    hears(1, Answered::Done);
    asks(2, Asked::Book(2));
    hears(2, Answered::Taken);
    assert_eq!(history.unexplained(0), None);
    asks(3, Asked::Cancel(1));
    hears(3, Answered::Done);
    asks(4, Asked::Book(4));
    hears(4, Answered::Done);
    assert_eq!(history.unexplained(0), None);
    asks(5, Asked::Book(5));
    hears(5, Answered::Done);
    assert!(history.unexplained(0).is_some(), "two have it");
}
