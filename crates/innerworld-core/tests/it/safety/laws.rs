//! Two sockets of one teen, in two processes, in any order, over a store that comes and goes: the
//! record ends at least as severe as the most severe event, and no event is lost or counted twice.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::Timestamp,
    identity::profile::AgeBand,
    ids::{EventId, MessageId, TeenId},
    safety::{
        SafetyCommit, SafetyRecord, SafetyState, SafetyStore,
        desk::{Assessment, Case, Desk, Known, Place},
        keep::{Keeper, Kept},
        machine::Choice,
    },
};
use innerworld_testkit::{
    cases,
    fates::{Fate, Fated, Fates},
    reference::Reference,
    scripted_screen::ScriptedScreen,
};
use proptest::prelude::*;

use super::life::{EVENING, ZONE, shipped};

/// What a socket may bring.
const INPUTS: &[&str] = &[
    "hello",
    "trigger ideation risk",
    "trigger intent_plan danger",
    "trigger threat_others danger",
    "trigger abuse risk",
    "trigger eating concern",
    "escalate ideation 0.9 scorer",
    "escalate ideation 0.1 window",
    "escalate ideation 0.3 scorer",
];

/// One step of the schedule.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// This socket judges its next input by what it knows.
    Judge(bool),
    /// This socket has what it judged stored.
    Keep(bool),
    /// The store goes away, or comes back.
    Toggle,
    /// What waits is stored, as far as the store is there.
    Replay,
    /// One of the next calls fails, or says so.
    Fault(u64, bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => any::<bool>().prop_map(Step::Judge),
        6 => any::<bool>().prop_map(Step::Keep),
        1 => Just(Step::Toggle),
        1 => Just(Step::Replay),
        1 => (0_u64..3, any::<bool>()).prop_map(|(ahead, late)| Step::Fault(ahead, late)),
    ];
    prop::collection::vec(step, 4..50)
}

#[derive(Default)]
struct Socket {
    known: Option<SafetyRecord>,
    judged: Option<(usize, Timestamp, SafetyCommit)>,
}

struct World {
    desk: Desk,
    store: Arc<Reference>,
    fates: Arc<Fates>,
    keeper: Keeper,
    sockets: [Socket; 2],
    now: Timestamp,
    inputs: Vec<usize>,
    judged: usize,
    /// Severity and instant of each notice as it was first judged.
    seen: Vec<(SafetyState, Timestamp)>,
    away: bool,
}

impl World {
    fn new(inputs: Vec<usize>) -> Self {
        let store = Arc::new(Reference::new());
        let fates = Arc::new(Fates::default());
        let port: Arc<dyn SafetyStore> = Arc::clone(&store) as _;
        let fated = Arc::new(Fated::new(port, Arc::clone(&fates)));
        let today = innerworld_core::calendar::day_in("UTC", EVENING);
        Self {
            desk: Desk::new(shipped(), &[7; 32], Arc::new(ScriptedScreen), today),
            keeper: Keeper::new(fated, Arc::clone(&store) as _),
            store,
            fates,
            sockets: [Socket::default(), Socket::default()],
            now: EVENING,
            inputs,
            judged: 0,
            seen: Vec::new(),
            away: false,
        }
    }

    fn judgement(&self, input: usize, now: Timestamp, known: Option<&SafetyRecord>) -> Assessment {
        let case = Case {
            teen: TeenId::from_subject_bits(1),
            known: known.map_or(Known::Absent, Known::Record),
            place: Place {
                country: "US",
                region: None,
                band: AgeBand::From13To15,
                locale: "en",
                zone: ZONE,
            },
            soft_at: None,
            language_offered: false,
            now,
        };
        let text = INPUTS[self.inputs[input] % INPUTS.len()];
        if input % 5 == 4 {
            // Between messages: an answer to a frame that nobody was shown.
            let stranger = EventId::from_bytes([3; 16]);
            return self.desk.reply(&case, stranger, Choice::Safe);
        }
        let verdict = ScriptedScreen::verdict(text);
        let id = MessageId::from_bits(u128::try_from(input).unwrap());
        self.desk.message(&case, &verdict, id)
    }

    fn judge(&mut self, which: usize) {
        if self.judged == self.inputs.len() || self.sockets[which].judged.is_some() {
            return;
        }
        let input = self.judged;
        self.judged += 1;
        let found = self.judgement(input, self.now, self.sockets[which].known.as_ref());
        let Some(commit) = found.commit else { return };
        if let Some(notice) = &commit.notice {
            let state = match notice.count.action.as_str() {
                "crisis" => SafetyState::Crisis,
                _ => SafetyState::CheckIn,
            };
            self.seen.push((state, self.now));
        }
        self.sockets[which].judged = Some((input, self.now, commit));
    }

    async fn keep(&mut self, which: usize) {
        let Some((input, at, commit)) = self.sockets[which].judged.take() else {
            return;
        };
        let redo = |stored: Option<&SafetyRecord>| self.judgement(input, at, stored).commit;
        let teen = commit.teen;
        let kept = self.keeper.keep(commit, &redo, self.now).await.unwrap();
        self.sockets[which].known = match kept {
            Kept::Stored(record) | Kept::Spooled(record) => Some(record),
            Kept::Nothing(_) => self.keeper.load(teen).await.ok().flatten(),
        };
    }

    async fn run(&mut self, steps: &[Step]) {
        for step in steps {
            self.now = self.now.plus(Duration::from_secs(1));
            match *step {
                Step::Judge(which) => self.judge(usize::from(which)),
                Step::Keep(which) => self.keep(usize::from(which)).await,
                Step::Toggle => {
                    self.away = !self.away;
                    self.fates.set_away(self.away);
                }
                Step::Replay => {
                    self.keeper.replay(self.now).await.unwrap();
                }
                Step::Fault(ahead, late) => {
                    let fate = if late { Fate::FailsLate } else { Fate::Fails };
                    self.fates.plan(ahead, fate);
                }
            }
        }
        self.fates.clear();
        self.fates.set_away(false);
        for which in 0..2 {
            self.keep(which).await;
        }
        let replayed = self.keeper.replay(self.now).await.unwrap();
        assert_eq!((replayed.waiting, replayed.stale), (0, 0));
    }
}

/// A world in which all steps were taken, and what is stored in it.
struct After {
    world: World,
    record: SafetyRecord,
    counted: u64,
}

fn after(inputs: Vec<usize>, steps: &[Step]) -> After {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        let mut world = World::new(inputs);
        world.run(steps).await;
        let record = world.store.load(TeenId::from_subject_bits(1)).await;
        let counts = world.store.counts("0000-01-01", "9999-12-31").await;
        After {
            record: record.unwrap().unwrap_or_default(),
            counted: counts.unwrap().iter().map(|(_, n)| n).sum(),
            world,
        }
    })
}

/// A replay that failed for one change went on to the next, whose number fitted by chance: the crisis that was
/// stored in between was lost.
#[test]
fn a_replay_keeps_the_order_of_what_waits() {
    let steps = [
        Step::Judge(true),
        Step::Fault(2, false),
        Step::Judge(false),
        Step::Keep(false),
        Step::Fault(2, false),
        Step::Keep(true),
        Step::Judge(true),
        Step::Keep(true),
        Step::Replay,
    ];
    // Somebody is hurt, a crisis, a greeting.
    assert_eq!(
        after(vec![4, 1, 0], &steps).record.state,
        SafetyState::Crisis
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(500)))]

    #[test]
    fn the_record_is_as_severe_as_the_worst_that_happened(
        inputs in prop::collection::vec(0_usize..INPUTS.len(), 1..12),
        steps in steps(),
    ) {
        let After { world, record, .. } = after(inputs, &steps);
        let worst = world.seen.iter().map(|(state, _)| *state).max();
        assert!(worst.is_none_or(|worst| record.state >= worst), "{record:?}");
        // The clock of the exit runs from the last of them, whoever stored it last. A mere score
        // says nothing new in a crisis.
        let last = world.seen.iter().map(|(_, at)| *at).max();
        let in_crisis = record.state >= SafetyState::JournalOnly;
        assert!(in_crisis || record.last_concern_at >= last, "{record:?} {last:?}");
        if worst == Some(SafetyState::Crisis) {
            let crises = world.seen.iter().filter(|(state, _)| *state == SafetyState::Crisis);
            assert!(record.last_trigger_at >= crises.map(|(_, at)| *at).max());
        }
    }

    #[test]
    fn no_input_is_counted_twice(
        inputs in prop::collection::vec(0_usize..INPUTS.len(), 1..12),
        steps in steps(),
    ) {
        let After { world, counted, .. } = after(inputs, &steps);
        // Whoever was overtaken is judged again: a notice may turn out to be a repeat, and a
        // repeat to be a notice.
        assert!(counted <= u64::try_from(world.judged).unwrap());
        assert!(counted > 0 || world.seen.is_empty());
    }
}
