//! Activities: sports and hobbies by name, "-ing" after like and quit, classes.

use std::ops::Range;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    Line,
    found::{Found, Item, ItemId, Tie},
    rule::Rule,
};

/// Before a doing that is repeated.
const LEADS: &[&str] = &[
    "love", "loved", "like", "liked", "hate", "hated", "enjoy", "enjoyed", "started", "start",
    "quit", "stopped", "stop", "into", "miss", "began", "tried", "been", "go", "goes", "went",
    "going", "keep", "practice",
];

/// Doings that mean nothing without their object.
const TAKE_OBJECT: &[&str] = &[
    "taking",
    "watching",
    "collecting",
    "writing",
    "playing",
    "learning",
    "reading",
    "editing",
    "designing",
    "making",
    "walking",
    "feeding",
    "building",
    "cooking",
    "doing",
    "driving",
    "training",
];

/// Finds the activities of a line.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    for at in places {
        if found.is_free(at) {
            listed(line, at, found);
        }
        if found.is_free(at) {
            class(line, at, found);
            doing(line, at, found);
        }
    }
    frequencies(line, found);
}

/// "play soccer", "swim practice", "quit band".
fn listed(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::ActivitiesListed;
    let (scan, lexicon) = (&line.scan, line.lexicon);
    let Some((length, activity)) = scan.find(&lexicon.activities, at) else {
        return;
    };
    let mut end = at + length;
    let tail = lexicon.activity_tails.contains(scan.base(end));
    if tail {
        end += 1;
    }
    let led = lexicon.activity_verbs.contains(scan.before(at, 1))
        || (matches!(scan.before(at, 1), "my" | "the" | "our") && tail);
    // A sport before "game" or "team" only says which one.
    let next = scan.base(end);
    let part = lexicon.things.group_ends.contains(next)
        || scan.find(&lexicon.events, end).is_some()
        || matches!(
            next,
            "coach" | "teacher" | "player" | "friend" | "friends" | "girl" | "guy" | "kid" | "kids"
        );
    let verb_only = scan.low(at) == "swim" && matches!(scan.before(at, 1), "to" | "can" | "can't");
    if part || verb_only || (activity.ambiguous && !led && !tail) {
        return;
    }
    let sure = if led { 0.85 } else { 0.7 } * scan.sureness(at);
    let item = Item::new(NodeKind::Activity, activity.name.clone(), at..end, sure);
    let id = found.add(item);
    does(line, id, at..end, found);
}

/// "chem class", "guitar lessons".
fn class(line: &Line<'_>, end: usize, found: &mut Found) {
    found.by = Rule::ActivitiesClass;
    let scan = &line.scan;
    if !matches!(
        scan.base(end),
        "class"
            | "lessons"
            | "lesson"
            | "rehearsals"
            | "prep"
            | "coaching"
            | "tuition"
            | "tutoring"
            | "practice"
            | "training"
    ) {
        return;
    }
    let Some(start) = end.checked_sub(1).filter(|at| found.is_free(*at)) else {
        return;
    };
    let common = line.lexicon.words.not_names.contains(scan.low(start));
    let subject = scan.find(&line.lexicon.topics, start).is_some();
    if !scan.is_word(start) || scan.has_s(start) || (common && !subject) {
        return;
    }
    let tokens = start..end + 1;
    let sure = 0.7 * scan.sureness(end);
    let item = Item::new(
        NodeKind::Activity,
        scan.text(&tokens).to_lowercase(),
        tokens.clone(),
        sure,
    );
    let id = found.add(item);
    // "mr. okafor's chem class".
    let whose = found
        .of(&[NodeKind::Person])
        .find(|(_, person)| person.tokens.end == start && scan.has_s(start.saturating_sub(1)))
        .map(|(person, _)| person);
    if let Some(person) = whose {
        tie(line, Some(id), person, tokens.clone(), found);
    }
    does(line, id, tokens, found);
}

/// "love baking", "quit journaling", "went hiking", "love taking photos".
fn doing(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::ActivitiesDoing;
    let (scan, lexicon) = (&line.scan, line.lexicon);
    let low = scan.low(at);
    let led = LEADS.contains(&scan.before(at, 1));
    let plain = scan.is_word(at)
        && low.len() >= 6
        && low.ends_with("ing")
        && !lexicon.no_activity.contains(low)
        && !lexicon.words.not_names.contains(low);
    let takes = TAKE_OBJECT.contains(&low);
    if !led || !(plain || takes) {
        return;
    }
    let object = |at: usize| {
        scan.is_word(at) && !lexicon.words.not_names.contains(scan.low(at)) && !line.is_dated(at)
    };
    let objects = (at + 1..at + 3)
        .take_while(|at| takes && *at < scan.clause_end(*at) && object(*at) && found.is_free(*at))
        .count();
    if takes && objects == 0 {
        return;
    }
    // "doing ballet" is ballet.
    let start = at + usize::from(low == "doing");
    let tokens = start..at + 1 + objects;
    let sure = 0.6 * scan.sureness(at);
    let item = Item::new(
        NodeKind::Activity,
        scan.text(&tokens).to_lowercase(),
        tokens.clone(),
        sure,
    );
    let id = found.add(item);
    does(line, id, tokens, found);
}

/// Says who does it: somebody named, or the teen.
pub(super) fn does(line: &Line<'_>, id: ItemId, tokens: Range<usize>, found: &mut Found) {
    let scan = &line.scan;
    if is_others(line, tokens.start, found) {
        return;
    }
    match found.subject(scan, tokens.start) {
        Some(person) if scan.first_person_before(tokens.start).is_none() => {
            tie(line, Some(id), person, tokens, found);
        }
        _ => {
            let others = matches!(
                scan.before(tokens.start, 1),
                "his" | "her" | "their" | "your"
            );
            if !others {
                tie_teen(line, id, tokens, found);
            }
        }
    }
}

/// Whether somebody does it who is nobody in the graph: "zoe's brother plays".
fn is_others(line: &Line<'_>, at: usize, found: &Found) -> bool {
    let scan = &line.scan;
    let first = scan.clause_of(at).map_or(at, |clause| clause.range.start);
    let from = scan.first_person_before(at).map_or(first, |me| me + 1);
    let nobody = |at: usize| {
        let is_person = scan.find(&line.lexicon.people, at).is_some();
        let mut people = found.of(&[NodeKind::Person]);
        let with =
            (1..=3).any(|back| matches!(scan.before(at, back), "with" | "w" | "my" | "for" | "to"));
        is_person
            && !with
            && !people.any(|(_, item)| item.places().any(|place| place.contains(&at)))
    };
    (from..at).any(nobody)
}

fn tie_teen(line: &Line<'_>, id: ItemId, tokens: Range<usize>, found: &mut Found) {
    tie(line, None, id, tokens, found);
}

fn tie(line: &Line<'_>, from: Option<ItemId>, to: ItemId, tokens: Range<usize>, found: &mut Found) {
    let at = tokens.start;
    let stopped = line.scan.is_stopped(at);
    found.tie(Tie {
        kind: EdgeKind::Involves,
        from,
        to,
        slot: String::new(),
        polarity: if stopped {
            Polarity::Stopped
        } else {
            Polarity::Holds
        },
        when: line.change_date(at, stopped),
        tokens,
        confidence: 0.8 * line.scan.sureness(at),
    });
}

/// "every morning", "twice a week": how often the clause's activity happens.
fn frequencies(line: &Line<'_>, found: &mut Found) {
    let scan = &line.scan;
    for at in scan.real() {
        let length = match (scan.low(at), scan.low(at + 1), scan.low(at + 2)) {
            ("every", "single" | "other", _) | ("once" | "twice", "a", _) => 3,
            ("every", _, _) | ("after" | "before", "school", _) => 2,
            ("daily" | "weekly", _, _) => 1,
            _ => continue,
        };
        let Some(clause) = scan.clause_of(at) else {
            continue;
        };
        let often = scan.text(&(at..at + length)).to_lowercase();
        let sentence = clause.sentence;
        let item = found.items.iter_mut().find(|item| {
            item.kind == NodeKind::Activity
                && scan
                    .clause_of(item.tokens.start)
                    .is_some_and(|c| c.sentence == sentence)
        });
        if let Some(item) = item {
            item.attrs.entry("frequency").or_insert(often);
        }
    }
}
