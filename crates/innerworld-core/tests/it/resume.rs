//! A client that is cut off at random ends up with exactly what is stored.

use std::{collections::BTreeMap, sync::Arc};

use innerworld_core::{
    clock::Timestamp,
    conversation::{
        cursor::{Cursor, Effect, Feed, LogEntry, Next},
        record::{
            EventRecord, Finish, ResetReason, SessionEvent, SessionRecord, SessionState,
            TurnOrigin, TurnRecord, TurnState,
        },
        resume::{self, Item, Position, Resume},
        store::SessionLog,
    },
    ids::{SessionId, TeenId, TurnId},
    secret::Text,
};
use proptest::prelude::*;

/// What may happen, in any order.
#[derive(Clone, Debug)]
enum Step {
    /// The answer grows.
    Say(String),
    /// The answer begins anew.
    Reset,
    /// The answer ends and the next turn begins.
    NextTurn,
    /// Something else is logged.
    Event,
    /// The process dies when it has taken a number and not yet used it; the connection comes back.
    Die,
    /// The connection takes up to this many things.
    Deliver(usize),
    /// The connection is cut and comes back.
    Cut,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => "[a-zé🌱 ]{1,12}".prop_map(Step::Say),
        1 => Just(Step::Reset),
        2 => Just(Step::NextTurn),
        1 => Just(Step::Event),
        1 => Just(Step::Die),
        4 => (0_usize..6).prop_map(Step::Deliver),
        2 => Just(Step::Cut),
    ];
    prop::collection::vec(step, 1..60)
}

/// The server's side: the log as stored and the feed in RAM.
struct Server {
    log: SessionLog,
    feed: Feed,
}

impl Server {
    fn new() -> Self {
        let session = SessionRecord {
            id: SessionId::from_bits(1),
            teen: TeenId::from_subject_bits(1),
            epoch: 7,
            state: SessionState::Active,
            persona: None,
            persona_changes: 0,
            seq: 0,
            next_sequence: 1,
            started_at: Timestamp::default(),
            last_activity_at: Timestamp::default(),
            ended: None,
            expires_at: Timestamp::from_millis(i64::MAX),
            locale: "en".to_owned(),
            country: None,
        };
        let log = SessionLog {
            session,
            turns: Vec::new(),
            events: Vec::new(),
        };
        let mut server = Self {
            log,
            feed: Feed::at(0),
        };
        // Where the disclosure and the choice of a persona stand: the first event is never trimmed.
        server.apply(&Step::Event);
        server.apply(&Step::Event);
        server.begin_turn();
        server
    }

    /// How many events are in the log.
    fn events(&self) -> usize {
        let of_turns = self.log.turns.iter();
        let of_turns = of_turns.flat_map(|turn| [turn.seq_start, turn.seq_end]);
        self.log.events.len() + of_turns.flatten().count()
    }

    fn next_seq(&mut self) -> u64 {
        self.log.session.seq += 1;
        self.log.session.seq
    }

    fn publish(&mut self, seq: u64, frame: String, effect: Effect) {
        self.feed.push(
            LogEntry {
                seq,
                frame: frame.into(),
                effect,
            },
            true,
        );
    }

    fn begin_turn(&mut self) {
        let seq = self.next_seq();
        let id = TurnId::from_bits(u128::from(seq));
        self.log.turns.push(TurnRecord {
            id,
            session: self.log.session.id,
            message: None,
            persona: "courage".parse().unwrap(),
            state: TurnState::Running,
            origin: TurnOrigin::Model,
            sequence: seq,
            seq_accepted: None,
            seq_start: Some(seq),
            seq_end: None,
            upstream_started: true,
            answer: Text::default(),
            finish: None,
            code: None,
            usage: None,
            excluded: false,
            second_look: None,
            suspected: None,
            support: false,
            created_at: Timestamp::default(),
            expires_at: Timestamp::from_millis(i64::MAX),
        });
        self.publish(seq, format!("start {id}"), Effect::Start(id));
    }

    fn open(&mut self) -> &mut TurnRecord {
        self.log.turns.last_mut().unwrap()
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Say(text) => {
                let open = self.open();
                let id = open.id;
                open.answer = Text::new(format!("{}{text}", open.answer.reveal()));
                self.feed.append(id, text);
            }
            Step::Reset => {
                let seq = self.next_seq();
                let id = self.open().id;
                self.open().answer = Text::default();
                let event = SessionEvent::TurnReset {
                    turn: id,
                    reason: ResetReason::Restart,
                };
                self.log.events.push(EventRecord { seq, event });
                self.publish(seq, format!("reset {id}"), Effect::Reset(id));
            }
            Step::NextTurn => {
                let seq = self.next_seq();
                let open = self.open();
                (open.state, open.finish, open.seq_end) =
                    (TurnState::Ended, Some(Finish::Stop), Some(seq));
                let (id, text) = (open.id, Arc::from(open.answer.reveal().as_str()));
                self.publish(seq, format!("end {id}"), Effect::End(id, text));
                self.begin_turn();
            }
            Step::Event => {
                let seq = self.next_seq();
                let event = SessionEvent::Time {
                    remaining_s: 60,
                    resets_at: Timestamp::default(),
                };
                self.log.events.push(EventRecord { seq, event });
                self.publish(seq, "event".to_owned(), Effect::None);
            }
            Step::Die => {
                let unused = self.next_seq();
                self.feed = Feed::at(unused);
                let open = self.open();
                let (id, text) = (open.id, open.answer.reveal().clone());
                self.feed.set_open(id, text);
            }
            Step::Deliver(_) | Step::Cut => {}
        }
    }
}

/// The client's side: what it has been sent.
#[derive(Default)]
struct Client {
    seq: u64,
    /// How many events it was sent: as many as there are.
    events: usize,
    open: Option<TurnId>,
    texts: BTreeMap<TurnId, String>,
}

impl Client {
    fn text(&mut self, turn: TurnId, off: u64, piece: &str) {
        let text = self.texts.entry(turn).or_default();
        let have = text.chars().count() as u64;
        assert!(off <= have, "a gap: {off} after {have}");
        text.extend(piece.chars().skip(usize::try_from(have - off).unwrap()));
    }

    fn frame(&mut self, seq: u64, frame: &str) {
        assert!(self.seq < seq, "events come in order, none twice");
        self.seq = seq;
        self.events += 1;
        let (kind, turn) = frame.split_once(' ').unwrap_or((frame, ""));
        let turn = turn.parse().ok();
        match kind {
            "start" => self.open = turn,
            "reset" => drop(turn.and_then(|turn: TurnId| self.texts.insert(turn, String::new()))),
            "end" => self.open = None,
            _ => {}
        }
    }

    fn position(&self) -> Position {
        let off = |turn| {
            self.texts
                .get(turn)
                .map_or(0, |text| text.chars().count() as u64)
        };
        let turn = self.open.as_ref().map(|turn| (*turn, off(turn)));
        Position {
            epoch: 7,
            seq: self.seq,
            turn,
        }
    }

    fn item(&mut self, item: &Item<'_>) {
        match item {
            Item::Event(event) => {
                let frame = match &event.event {
                    SessionEvent::TurnReset { turn, .. } => format!("reset {turn}"),
                    _ => "event".to_owned(),
                };
                self.frame(event.seq, &frame);
            }
            Item::TurnStart(turn) => {
                self.frame(turn.seq_start.unwrap(), &format!("start {}", turn.id));
            }
            Item::TurnEnd(turn) => self.frame(turn.seq_end.unwrap(), &format!("end {}", turn.id)),
            Item::Text { turn, off, piece } => self.text(*turn, *off, piece),
            Item::Snapshot(turn) => {
                self.texts.insert(turn.id, turn.answer.reveal().clone());
            }
            Item::Accepted(_) => {}
        }
    }
}

fn deliver(server: &mut Server, cursor: &mut Cursor, client: &mut Client, most: usize) {
    for _ in 0..most {
        match cursor.next(&mut server.feed, 7, true) {
            Next::Frame(frame) => client.frame(cursor.seq, &frame),
            Next::Delta { turn, off, text } => client.text(turn, off, &text),
            Next::Idle => return,
            Next::Behind => reconnect(server, cursor, client),
        }
    }
}

fn reconnect(server: &mut Server, cursor: &mut Cursor, client: &mut Client) {
    let position = client.position();
    let fresh = client.seq == 0;
    let position = (!fresh).then_some(position);
    let expected = if fresh { Resume::New } else { Resume::Full };
    assert_eq!(resume::decide(&server.log, position), expected);
    for item in resume::items(&server.log, position) {
        client.item(&item);
    }
    let open = server
        .log
        .turns
        .iter()
        .find(|turn| turn.state == TurnState::Running);
    let open = open.map(|turn| (turn.id, turn.answer.reveal().as_str()));
    *cursor = Cursor::at(server.log.session.seq, open);
    client.open = open.map(|(turn, _)| turn);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(innerworld_testkit::cases(128)))]

    #[test]
    fn cuts_never_lose_or_double_a_character(steps in steps()) {
        let mut server = Server::new();
        let mut client = Client::default();
        let mut cursor = Cursor::default();
        for step in &steps {
            server.apply(step);
            match step {
                Step::Deliver(most) => deliver(&mut server, &mut cursor, &mut client, *most),
                Step::Cut | Step::Die => reconnect(&mut server, &mut cursor, &mut client),
                _ => {}
            }
        }
        deliver(&mut server, &mut cursor, &mut client, usize::MAX);
        for turn in &server.log.turns {
            let have = client.texts.get(&turn.id).map_or("", String::as_str);
            prop_assert_eq!(have, turn.answer.reveal().as_str());
        }
        prop_assert_eq!(client.events, server.events());
    }
}

#[test]
fn a_client_from_before_a_loss_is_told_so() {
    let server = Server::new();
    let known = Position {
        epoch: 7,
        seq: server.log.session.seq,
        turn: None,
    };
    assert_eq!(resume::decide(&server.log, Some(known)), Resume::Full);
    let other = Position { epoch: 8, ..known };
    assert_eq!(resume::decide(&server.log, Some(other)), Resume::Lost);
    let seq = known.seq + 1;
    let ahead = Position { seq, ..known };
    assert_eq!(resume::decide(&server.log, Some(ahead)), Resume::Lost);
}

#[test]
fn a_number_that_stands_for_nothing_is_not_taken_for_a_trimmed_one() {
    let mut server = Server::new();
    let seq = server.log.session.seq;
    server.apply(&Step::Die);
    server.apply(&Step::NextTurn);
    let known = Position {
        epoch: 7,
        seq,
        turn: None,
    };
    assert_eq!(resume::decide(&server.log, Some(known)), Resume::Full);
    let ends = |item: &Item<'_>| matches!(item, Item::TurnEnd(_));
    assert!(resume::items(&server.log, Some(known)).iter().any(ends));
}

#[test]
fn a_trimmed_log_gives_snapshots() {
    let mut server = Server::new();
    for _ in 0..3 {
        server.apply(&Step::Event);
    }
    let seq = server.log.events[1].seq;
    server.log.events.drain(1..3);
    let known = Position {
        epoch: 7,
        seq,
        turn: None,
    };
    assert_eq!(resume::decide(&server.log, Some(known)), Resume::Snapshot);
    assert!(matches!(
        resume::snapshot_items(&server.log)[..],
        [Item::Snapshot(_)]
    ));
}
