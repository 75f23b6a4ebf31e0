//! The model's excerpt of a session: what is asked, what is believed, what it changes.
#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "helpers of tests fail like tests"
)]

mod asked;
mod believed;
mod joined;
mod laws;
mod remembered;

use innerworld_core::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        graph::NodeId,
        model_tier::{
            excerpt::{Excerpt, ReadLine},
            known::KnownNode,
        },
        ontology::NodeKind,
        store::Speaker,
    },
};

/// 24 November 2026, 18:00 in Berlin.
const SESSION: Timestamp = Timestamp::from_millis(1_795_539_600_000);

/// An excerpt of these lines, `L1` on, a message every half minute; lines that begin with `>` are the
/// persona's. One person, Maya, is known as `E1` and a topic, maths, as `E2`.
fn excerpt(lines: &[&str]) -> Excerpt {
    let lines = (1_u32..).zip(lines).map(|(number, text)| {
        let persona = text.strip_prefix("> ");
        ReadLine {
            label: format!("L{number}"),
            turn: turn(number),
            speaker: persona.map_or(Speaker::Teen, |_| Speaker::Persona),
            said_at: SESSION.plus(std::time::Duration::from_secs(30 * u64::from(number))),
            text: persona.unwrap_or(text).to_owned().into(),
        }
    });
    let known = |label: &str, kind, name: &str, id| KnownNode {
        label: label.to_owned(),
        id: NodeId(id),
        kind,
        name: name.to_owned().into(),
        aliases: Vec::new(),
    };
    Excerpt {
        lines: lines.collect(),
        known: vec![
            known("E1", NodeKind::Person, "Maya", 0xA),
            known("E2", NodeKind::Topic, "maths", 0xB),
        ],
        candidates: Vec::new(),
        session_at: SESSION,
        zone: "Europe/Berlin".to_owned(),
    }
}

fn turn(number: u32) -> TurnId {
    TurnId::from_bits(u128::from(number) << 8)
}
