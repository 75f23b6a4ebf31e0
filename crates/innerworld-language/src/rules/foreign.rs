//! A line in another language: only names that stand in a list, written as names.

use innerworld_core::memory::ontology::NodeKind;

use super::{
    Line,
    found::{Found, Item},
    names::{self, Trust},
    rule::Rule,
};

/// How sure a listed name is where nothing around it can be read.
const LISTED: f32 = 0.6;

/// Finds people by their names; a name that begins a sentence could be any word.
pub(super) fn find(line: &Line<'_>) -> Found {
    let scan = &line.scan;
    let mut found = Found::new(scan, Rule::Foreign);
    for at in 0..scan.len() {
        if !found.is_free(at) || !scan.is_marked_capital(at) {
            continue;
        }
        if let Some(length) = names::at(line, at, Trust::Listed) {
            let tokens = at..at + length;
            let name = scan.text(&tokens);
            found.add(Item::new(NodeKind::Person, name, tokens, LISTED));
        }
    }
    found
}
