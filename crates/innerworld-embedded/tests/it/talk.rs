//! Sessions, and a memory that reads them: every word with a capital letter is a friend.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use innerworld_core::{
    clock::{Clock, Timestamp},
    conversation::store::SessionLog,
    ids::TeenId,
    memory::{
        Memory, MemoryPorts,
        graph::{EmotionWeights, Polarity, Precision},
        ontology::{EdgeKind, NodeKind},
        store::{EntityExtractor, Extraction, Line, Mention, Relation, Speaker},
    },
    model::call::Scrubber,
};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_testkit::records::{NOW, Records};

const DAY: Duration = Duration::from_secs(86_400);
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// Memory over these stores, with nothing in RAM yet.
pub(crate) fn memory(embedded: &Embedded, clock: Arc<dyn Clock>) -> Memory {
    let ports = MemoryPorts {
        graph: embedded.graph(),
        namer: embedded.namers(),
        extractor: Arc::new(Friends),
        encoder: None,
        thesaurus: None,
        scrubber: Arc::new(Nothing),
        clock,
        ids: Arc::new(OsIds),
    };
    Memory::new(ports, MONTH, 1 << 24)
}

/// The log of a session of that day in which the teen says these lines.
pub(crate) fn session(teen: TeenId, day: u64, lines: &[&str]) -> SessionLog {
    let records = Records::named(&format!("session of day {day}"));
    let started_at = NOW.plus(DAY * u32::try_from(day).unwrap());
    records.ended_session(teen, started_at, lines)
}

/// When a session is remembered.
pub(crate) fn later(log: &SessionLog) -> Timestamp {
    log.session.started_at.plus(Duration::from_secs(3_600))
}

struct Friends;

impl EntityExtractor for Friends {
    fn name(&self) -> &'static str {
        "friends"
    }

    fn version(&self) -> &'static str {
        "1"
    }

    fn extract(&self, lines: &[Line<'_>], _zone: &str) -> Extraction {
        let mut found = Extraction::default();
        for line in lines.iter().filter(|line| line.speaker == Speaker::Teen) {
            for name in line.text.split(' ') {
                if name.starts_with(char::is_uppercase) {
                    add(&mut found, line, name);
                }
            }
        }
        found
    }

    fn emotions(&self, _text: &str) -> EmotionWeights {
        [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    }
}

fn add(found: &mut Extraction, line: &Line<'_>, name: &str) {
    let index = u32::try_from(found.mentions.len()).unwrap();
    let start = u32::try_from(line.text.find(name).unwrap()).unwrap();
    let span = (start, start + u32::try_from(name.len()).unwrap());
    found.mentions.push(Mention {
        index,
        kind: NodeKind::Person,
        surface: name.to_owned().into(),
        qualifier: None,
        attrs: BTreeMap::new(),
        span,
        turns: vec![line.id],
        said_at: line.said_at,
        confidence: 0.9,
        by: String::new(),
        tentative: false,
    });
    found.relations.push(Relation {
        kind: EdgeKind::RelatesTo,
        from: None,
        to: index,
        slot: "friend".to_owned(),
        polarity: Polarity::Holds,
        valid_at: line.said_at,
        precision: Precision::Unknown,
        turns: vec![line.id],
        span,
        confidence: 0.9,
        emotion: [0.0; 7],
        by: String::new(),
    });
}

struct Nothing;

impl Scrubber for Nothing {
    fn scrub(&self, text: &str) -> String {
        text.to_owned()
    }
}
