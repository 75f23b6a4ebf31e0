//! Teams, clubs and bands, and whether the teen is part of them.

use std::ops::Range;

use innerworld_core::memory::ontology::NodeKind;

use super::belongs;
use crate::rules::{
    Line,
    events::SCHOOL_SUBJECTS,
    found::{Found, Item},
    rule::Rule,
};

/// "the swim team", "drama club".
pub(super) fn group(line: &Line<'_>, end: usize, found: &mut Found) {
    found.by = Rule::ThingsGroup;
    let scan = &line.scan;
    if !line.lexicon.things.group_ends.contains(scan.base(end)) {
        return;
    }
    let names_it = |at: usize| {
        let common = line.lexicon.words.not_names.contains(scan.low(at));
        scan.is_word(at)
            && !scan.has_s(at)
            && found.is_free(at)
            && (!common || SCHOOL_SUBJECTS.contains(&scan.low(at)))
    };
    let first = scan.clause_of(end).map_or(end, |clause| clause.range.start);
    let start = (end.saturating_sub(2).max(first)..end)
        .rev()
        .take_while(|at| names_it(*at))
        .last();
    let Some(start) = start else {
        return;
    };
    // "join debate club" without an article: the verb is no part of the name.
    let start = if line.lexicon.activity_verbs.contains(scan.low(start)) && start + 1 < end {
        start + 1
    } else {
        start
    };
    // "my favorite band" is nobody's name, and the teen is not in it.
    let liked = matches!(scan.low(start), "favorite" | "favourite" | "fav" | "fave");
    if liked || line.lexicon.activity_verbs.contains(scan.low(start)) {
        return;
    }
    let tokens = start..end + 1;
    let item = Item::new(
        NodeKind::Thing,
        scan.text(&tokens),
        tokens.clone(),
        0.75 * scan.sureness(end),
    );
    let id = found.add(item.attr("sub", "group"));
    if is_member(line, first..start) {
        let stopped = scan.is_stopped(start);
        belongs(line, id, tokens.clone(), stopped, found);
        if stopped {
            leave_off(line, tokens, found);
        }
    }
}

/// Whether the words before a group say that the teen is, or was, part of it.
fn is_member(line: &Line<'_>, before: Range<usize>) -> bool {
    let scan = &line.scan;
    let led = |at: usize| {
        let word = scan.low(at);
        // "captain of the volleyball team".
        let part = word == "of"
            && matches!(
                scan.before(at, 1),
                "captain" | "member" | "part" | "president" | "leader" | "goalie"
            );
        let leads = matches!(
            word,
            "on" | "in"
                | "joined"
                | "join"
                | "made"
                | "my"
                | "our"
                | "quit"
                | "left"
                | "into"
                | "off"
                | "from"
        );
        leads || (part && scan.first_person_before(at).is_some())
    };
    let tries = |at: usize| {
        matches!(
            scan.low(at),
            "trying" | "try" | "tryouts" | "want" | "wanna" | "hope"
        )
    };
    before.clone().any(led) && !before.clone().any(tries)
}

/// Who leaves the soccer team plays no soccer: so it was said, until it is said again.
fn leave_off(line: &Line<'_>, group: Range<usize>, found: &mut Found) {
    let scan = &line.scan;
    let known = scan.find(&line.lexicon.activities, group.start);
    let Some((length, activity)) = known.filter(|(length, _)| *length < group.len()) else {
        return;
    };
    let tokens = group.start..group.start + length;
    let sure = 0.7 * scan.sureness(group.start);
    let name = activity.name.clone();
    let id = found.note(Item::new(NodeKind::Activity, name, tokens, sure));
    belongs(line, id, group, true, found);
}
