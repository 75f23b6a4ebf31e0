//! Counters under crashes: the server dies, or its stores fail, between any two of its calls to them;
//! messages come twice and over several sockets. In the end each notice that a teen was shown is
//! counted once, and nothing else is.
//!
//! `cargo xtask bench crisis` runs the same with 10,000 crashes and failures.

use std::{
    collections::{BTreeMap, VecDeque},
    io::Write as _,
    sync::Arc,
    time::Duration,
};

use innerworld_core::{clock::Clock as _, identity::consent::MemoryMode, safety::keep::Keeper};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_engine::services::Settings;
use innerworld_testkit::{
    FakeClock, SeededIds,
    fates::{Fate, Fates},
    scripted_model::ScriptedModel,
};
use serde_json::{Value, json};

use crate::{
    talk::{hello, until},
    world::{Socket, World, receive, send, settings},
};

/// What teens say here, as the scripted screen reads it.
const SAID: &[&str] = &[
    "hello there",
    "trigger ideation risk",
    "trigger intent_plan danger",
    "trigger abuse risk",
    "trigger eating concern",
    "escalate ideation 0.9 scorer",
    "escalate nssi 0.1 window",
    "escalate ideation 0.3 scorer",
    "escalate ideation 0 language",
];
/// Fewer teens than this share stores: a start reads every open session.
const TEENS_OF_A_STORE: u128 = 25;
/// What a socket holds is there within this time.
const HELD: Duration = Duration::from_millis(20);
/// Longest that a server takes to answer anything here.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a run did.
#[derive(Default)]
struct Tally {
    deaths: u64,
    failures: u64,
    repeats: u64,
    messages: u64,
    /// Notices that were shown, by event.
    shown: BTreeMap<String, &'static str>,
}

impl Tally {
    /// Takes note of a frame.
    fn see(&mut self, frame: &Value) {
        let action = match (frame["type"].as_str(), frame["intensity"].as_str()) {
            (Some("safety.crisis"), _) => "crisis",
            (Some("safety.checkin"), Some("ask")) => "ask",
            // While the record cannot be read help is shown and nothing is counted.
            (Some("safety.checkin"), _) if is_of_unreadable(frame) => return,
            (Some("safety.checkin"), Some("soft")) => "soft",
            _ => return,
        };
        let event = frame["event"].as_str().unwrap().to_owned();
        let known = self.shown.insert(event, action);
        assert!(known.is_none_or(|known| known == action), "{frame}");
    }

    fn shown(&self) -> BTreeMap<&'static str, u64> {
        let mut sums = BTreeMap::new();
        for action in self.shown.values() {
            *sums.entry(*action).or_default() += 1;
        }
        sums
    }
}

fn is_of_unreadable(frame: &Value) -> bool {
    let text = frame["text"].as_str().unwrap();
    text.contains("only the journal is open here")
}

/// Numbers that follow from a seed.
struct Dice(SeededIds);

impl Dice {
    fn below(&self, end: u128) -> u128 {
        self.0.next_bits() % end
    }

    fn of<T: Copy>(&self, list: &[T]) -> T {
        list[usize::try_from(self.below(u128::try_from(list.len()).unwrap())).unwrap()]
    }
}

/// A teen, and what they still want to say.
struct Teen {
    number: u128,
    said: u128,
    waiting: VecDeque<(String, &'static str)>,
}

impl Teen {
    fn new(number: u128, dice: &Dice) -> Self {
        let mut teen = Self {
            number,
            said: 0,
            waiting: VecDeque::new(),
        };
        for _ in 0..=dice.below(4) {
            teen.said += 1;
            let id = format!("01JD8Q2TZ3V0C9X8B7{:04}{:04}", number % 10_000, teen.said);
            teen.waiting.push_back((id, dice.of(SAID)));
        }
        teen
    }
}

struct Run<'a> {
    stores: &'a Embedded,
    clock: &'a Arc<FakeClock>,
    dice: &'a Dice,
    tally: &'a mut Tally,
}

fn quiet() -> Settings {
    let mut settings = settings();
    settings.answers = false;
    settings.limits.messages_burst = 1_000;
    settings
}

impl Run<'_> {
    /// One life of the server, as far as it goes; `true` if the teen has said everything.
    async fn life(&mut self, teen: &mut Teen, fates: &Arc<Fates>) -> bool {
        let model = Arc::new(ScriptedModel::saying("ok"));
        let clock = Arc::clone(self.clock);
        let parts = (model as _, quiet());
        let world = World::fated(self.stores.clone(), clock, parts, fates).await;
        let known = world.teen(teen.number, MemoryMode::Off).await;
        let token = world.token(known, Duration::from_secs(3_600));
        let mut socket = self.join(&world, &token).await;
        while let Some((id, text)) = teen.waiting.front().cloned() {
            self.plan(fates);
            let frame = json!({"type": "message", "id": id, "text": text});
            let copies = if self.dice.below(5) == 0 {
                self.dice.below(4)
            } else {
                0
            };
            let mut others = Vec::new();
            let talk = async {
                for _ in 0..copies {
                    try_send(&mut socket, &frame).await;
                    let newer = rejoin(&world, &token).await;
                    others.push(std::mem::replace(&mut socket, newer));
                }
                self.tally.repeats += u64::try_from(copies).unwrap();
                try_send(&mut socket, &frame).await;
                let answer = self.answer(&mut socket, &id).await;
                if answer == Answer::Closed {
                    // What was in the way of its greeting is in the way no more.
                    fates.clear();
                    fates.set_away(false);
                    socket = rejoin(&world, &token).await;
                }
                answer == Answer::Done
            };
            let answered = tokio::select! {
                biased;
                () = fates.death() => None,
                answered = talk => Some(answered),
            };
            // What was sent to other devices, and by a process before it died, was shown.
            for other in &mut others {
                self.drain(other).await;
            }
            let Some(answered) = answered else {
                self.drain(&mut socket).await;
                self.tally.deaths += 1;
                return false;
            };
            // Whatever was in the way is gone, for a while.
            fates.clear();
            fates.set_away(false);
            if answered {
                self.tally.messages += 1;
                teen.waiting.pop_front();
            }
        }
        true
    }

    /// What may become of the next calls.
    fn plan(&mut self, fates: &Fates) {
        let ahead = u64::try_from(self.dice.below(7)).unwrap();
        let fate = match self.dice.below(10) {
            0..=2 => Fate::Dies,
            3..=5 => Fate::DiesLate,
            6 => Fate::Fails,
            7 => Fate::FailsLate,
            8 => {
                self.tally.failures += 1;
                return fates.set_away(true);
            }
            _ => return,
        };
        if matches!(fate, Fate::Fails | Fate::FailsLate) {
            self.tally.failures += 1;
        }
        fates.plan(ahead, fate);
    }

    /// A socket on which a persona was chosen.
    async fn join(&mut self, world: &World, token: &str) -> Socket {
        let mut socket = world.socket(token).await.unwrap();
        send(&mut socket, &hello()).await;
        let welcome = until(&mut socket, "welcome").await.pop().unwrap();
        if welcome["state"] == "greeting" {
            for frame in until(&mut socket, "disclosure").await {
                self.tally.see(&frame);
            }
            let version = world.app.safeguards().desk.disclosure("en-US", "US", None);
            let version = version.version;
            send(
                &mut socket,
                &json!({"type": "disclosure.ack", "version": version}),
            )
            .await;
            send(
                &mut socket,
                &json!({"type": "persona.choose", "persona": "courage"}),
            )
            .await;
            for frame in until(&mut socket, "turn.end").await {
                self.tally.see(&frame);
            }
        }
        socket
    }

    /// Takes note of what a socket still holds.
    async fn drain(&mut self, socket: &mut Socket) {
        while let Ok(Ok(frame)) = tokio::time::timeout(HELD, receive(socket)).await {
            self.tally.see(&frame);
        }
    }

    /// What a message is answered.
    async fn answer(&mut self, socket: &mut Socket, id: &str) -> Answer {
        loop {
            let Ok(frame) = receive(socket).await else {
                return Answer::Closed;
            };
            self.tally.see(&frame);
            match frame["type"].as_str().unwrap() {
                "accepted" if frame["id"] == *id => return Answer::Done,
                "error" if frame["ref"] == *id && frame["code"] == "journal_only" => {
                    return Answer::Done;
                }
                "error" => return Answer::Again,
                _ => {}
            }
        }
    }
}

/// What a message was answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// It was taken, or refused for good.
    Done,
    /// It must be sent again.
    Again,
    /// The socket is closed.
    Closed,
}

/// Another device of the teen takes over.
async fn rejoin(world: &World, token: &str) -> Socket {
    let mut socket = world.socket(token).await.unwrap();
    send(&mut socket, &hello()).await;
    socket
}

/// Sends on a socket that may be closed already: then the answer says so.
async fn try_send(socket: &mut Socket, frame: &Value) {
    use futures_util::SinkExt as _;
    let message = tokio_tungstenite::tungstenite::Message::text(frame.to_string());
    socket.send(message).await.ok();
}

/// A process: its tasks end when it is killed, whatever they were doing.
fn process() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Lets teens talk until so many crashes and failures have happened; what they were shown and what was
/// counted.
fn crash(until: u64, seed: &str) -> Tally {
    let dice = Dice(SeededIds::named(seed));
    let mut tally = Tally::default();
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    while tally.deaths + tally.failures < until {
        let clock = Arc::new(FakeClock::default());
        let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
        for number in 1..=TEENS_OF_A_STORE {
            // Teens of all stores are different ones: their events are.
            let number = number + (u128::from(tally.deaths + tally.failures) << 32);
            let mut teen = Teen::new(number, &dice);
            let mut run = Run {
                stores: &stores,
                clock: &clock,
                dice: &dice,
                tally: &mut tally,
            };
            loop {
                let process = process();
                let fates = Arc::new(Fates::default());
                let life = run.life(&mut teen, &fates);
                let done = process
                    .block_on(async { tokio::time::timeout(2 * PATIENCE, life).await.unwrap() });
                process.shutdown_background();
                if done {
                    break;
                }
            }
        }
        for (action, n) in settled(&stores, &clock) {
            *counted.entry(action).or_default() += n;
        }
    }
    let shown = tally.shown();
    let shown: BTreeMap<String, u64> = shown
        .into_iter()
        .map(|(action, n)| (action.to_owned(), n))
        .collect();
    assert_eq!(counted, shown, "seed {seed}");
    tally
}

/// The counters by action, once everything that waited is stored.
fn settled(stores: &Embedded, clock: &FakeClock) -> BTreeMap<String, u64> {
    process().block_on(async {
        let keeper = Keeper::new(stores.safety(), stores.spool());
        keeper.replay(clock.now()).await.unwrap();
        assert_eq!(stores.spool().depth().await.unwrap(), 0);
        let store = stores.safety();
        let counts = store.counts("0000-01-01", "9999-12-31");
        let mut sums = BTreeMap::new();
        for (count, n) in counts.await.unwrap() {
            *sums.entry(count.action).or_default() += n;
        }
        sums
    })
}

/// How many crashes and failures: few in a test, as many as asked for in a bench.
#[expect(
    clippy::disallowed_methods,
    reason = "a bench tells the test by its environment how long to go on"
)]
fn asked_for() -> Option<u64> {
    std::env::var("INNERWORLD_TEST_CRASHES").ok()?.parse().ok()
}

#[test]
fn every_notice_that_was_shown_is_counted_once() {
    let asked = asked_for();
    let tally = crash(asked.unwrap_or(120), "every notice is counted once");
    if asked.is_some() {
        let figures = json!({
            "crashes": tally.deaths, "failures": tally.failures, "repeats": tally.repeats,
            "messages": tally.messages, "shown": tally.shown(), "exact": true,
        });
        // The harness captures `println!`; what is measured must leave the process.
        let line = format!("\nfigures {figures}\n");
        std::io::stdout().write_all(line.as_bytes()).unwrap();
    }
    let shown = tally.shown();
    for action in ["crisis", "ask", "soft"] {
        assert!(shown.contains_key(action), "{shown:?}");
    }
}
