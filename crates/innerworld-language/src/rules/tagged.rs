//! Names that no other rule has read, by the tagger.

use innerworld_core::memory::ontology::NodeKind;

use super::{
    Line,
    found::{Found, Item},
    rule::Rule,
};
use crate::tagger::{Entity, EntityKind, Paths, Tagger};

/// A name that is less likely than this is none.
const LEAST_LIKELY: f32 = 0.5;
/// How sure a name is that only the tagger saw, if the tagger is quite sure.
const SURE: f32 = 0.85;

/// Words before a name by which somebody is spoken to, not of.
const CALLS: &[&str] = &[
    "hey",
    "hi",
    "hello",
    "heyy",
    "yo",
    "thanks",
    "thx",
    "ty",
    "you",
    "bye",
    "night",
    "goodnight",
    "morning",
    "ok",
    "okay",
    "omg",
    "lol",
    "yes",
    "no",
    "yeah",
    "nah",
    "haha",
    "sorry",
];

/// Words after a name at the start by which somebody is spoken to.
const CALLED: &[&str] = &[
    ",", "i", "i'm", "im", "i've", "you", "u", "ur", "guess", "can", "do", "did", "what", "help",
    "pls", "please", "omg", "my", "we", "how", "why", "it's", "its", "that's", "!", "?",
];

/// The names in a line, by its tokens, sentence by sentence.
pub(super) fn read(
    scan: &super::scan::Scan<'_>,
    tagger: &Tagger,
    paths: &mut Paths,
) -> Vec<Entity> {
    let mut names = Vec::new();
    for sentence in scan.sentences() {
        let words: Vec<&str> = sentence.clone().map(|at| scan.raw(at)).collect();
        names.extend(
            tagger
                .entities_in_talk(&words, paths)
                .into_iter()
                .map(|name| Entity {
                    start: name.start + sentence.start,
                    end: name.end + sentence.start,
                    ..name
                }),
        );
    }
    names
}

/// Adds them, where they are said to be so and nothing else was read.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    found.by = Rule::Tagger;
    let scan = &line.scan;
    let real: Vec<usize> = scan.real().collect();
    for name in &line.names {
        let tokens = name.start..name.end;
        let said = tokens
            .clone()
            .all(|at| found.is_free(at) && real.contains(&at));
        if !said || name.confidence < LEAST_LIKELY {
            continue;
        }
        let text = scan.text(&tokens);
        if text.chars().filter(|letter| letter.is_alphabetic()).count() < 2 {
            continue;
        }
        let (kind, sub) = kind_of(name.kind);
        let sure = SURE * name.confidence * scan.sureness(name.start);
        let item = Item::new(kind, text, tokens, sure);
        found.add(match sub {
            Some(sub) => item.attr("sub", sub),
            None => item,
        });
    }
}

/// Whether somebody is only spoken to, not of: "thanks luna", "luna, guess what". It is mostly the
/// persona.
pub(super) fn is_called(line: &Line<'_>, item: &Item) -> bool {
    let scan = &line.scan;
    let (start, end) = (item.tokens.start, item.tokens.end);
    let sentence = scan.sentence_of(start);
    let last = (end..sentence.end).all(|at| !scan.is_word(at));
    let alone = sentence.clone().filter(|at| scan.is_word(*at)).count() <= 2;
    let called = CALLS.contains(&scan.before(start, 1)) && (last || scan.low(end) == ",");
    let nothing_else = (start == sentence.start && CALLED.contains(&scan.low(end)))
        || (scan.before(start, 1) == "," && last)
        || (last && alone);
    // "jake, my lab partner, ..." tells who he is.
    let told = item.attrs.contains_key("role");
    item.kind == NodeKind::Person && end == start + 1 && (called || (nothing_else && !told))
}

const fn kind_of(kind: EntityKind) -> (NodeKind, Option<&'static str>) {
    match kind {
        EntityKind::Person => (NodeKind::Person, None),
        EntityKind::Location => (NodeKind::Place, None),
        EntityKind::Group => (NodeKind::Thing, Some("group")),
        EntityKind::Corporation => (NodeKind::Thing, Some("corporation")),
        EntityKind::Product => (NodeKind::Thing, Some("product")),
        EntityKind::CreativeWork => (NodeKind::Thing, Some("creative_work")),
    }
}
