//! What somebody is, said of a name or a "she": "emma is my best friend", "shes been my friend since
//! 5th grade", "marcus from my bio class".

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::owned::{Role, person_word, relate, word_of};
use crate::rules::{
    Line,
    found::{Found, Item, ItemId, Tie, Told},
    names::{self, Trust},
    rule::Rule,
};

/// Words between somebody and what they are.
const LINKS: &[&str] = &["is", "was", "been", "are", "be", "became"];
/// "She is" in one word.
const JOINED: &[&str] = &["she's", "shes", "he's", "hes"];
/// Words that may stand between.
const LOOSE: &[&str] = &[
    "literally",
    "like",
    "basically",
    "always",
    "still",
    "also",
    "actually",
    "really",
    "just",
    "kinda",
    "now",
    "been",
    "lowkey",
    "honestly",
];
/// Words of a place where people come to know each other, and what they are then.
const CIRCLES: &[(&[&str], &str)] = &[
    (
        &["class", "school", "grade", "period", "homeroom", "form"],
        "classmate",
    ),
    (&["work", "job"], "colleague"),
    (&["team", "squad", "practice"], "team_mate"),
];

/// Ties people to the teen by what is said of them.
pub(in crate::rules) fn find(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    for at in places {
        if matches!(line.scan.low(at), "my" | "our") {
            told(line, at, found);
        }
        others(line, at, found);
        if matches!(line.scan.low(at), "from" | "in" | "on") {
            circle(line, at, found);
        }
    }
}

/// Who ends right before `end`.
fn somebody(found: &Found, end: usize) -> Option<ItemId> {
    let mut people = found.of(&[NodeKind::Person]);
    people
        .find(|(_, item)| item.places().any(|place| place.end == end))
        .map(|(id, _)| id)
}

fn told(line: &Line<'_>, my: usize, found: &mut Found) {
    found.by = Rule::PeopleTold;
    let scan = &line.scan;
    let Some((start, length, kind)) = person_word(line, my + 1) else {
        return;
    };
    let mut at = my;
    let mut linked = false;
    while at > 0 && my - at < 4 {
        let word = scan.low(at - 1);
        if JOINED.contains(&word) {
            linked = true;
            break;
        }
        if LINKS.contains(&word) {
            linked = true;
        } else if !LOOSE.contains(&word) {
            break;
        }
        at -= 1;
    }
    let end = if JOINED.contains(&scan.before(at, 1)) {
        at
    } else {
        at.max(1)
    };
    let Some(id) = somebody(found, end).filter(|_| linked) else {
        return;
    };
    let tokens = start..start + length;
    let role = Role {
        kind,
        word: word_of(line, &tokens),
        size: None,
    };
    let unnamed = found
        .of(&[NodeKind::Person])
        .find(|(other, item)| {
            *other != id && item.tokens.start >= my && item.tokens.end <= tokens.end
        })
        .map(|(other, _)| other);
    if let Some(item) = found.items.get_mut(id) {
        item.attrs
            .entry("role")
            .or_insert_with(|| role.kind.role.clone().unwrap_or_else(|| role.word.clone()));
    }
    relate(line, id, &role, end.saturating_sub(1)..tokens.end, found);
    found.claim(my..tokens.end);
    if let Some(unnamed) = unnamed {
        found.remove(unnamed);
    }
}

/// "jordyn's older brother tyrell": somebody's, not the teen's.
fn others(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::PeopleOfOthers;
    let scan = &line.scan;
    let owner = found
        .of(&[NodeKind::Person])
        .find(|(_, item)| {
            item.places()
                .any(|place| place.end == at + 1 && owns(line, item, at))
        })
        .map(|(id, _)| id);
    let Some((owner, (start, length, kind))) = owner.zip(person_word(line, at + 1)) else {
        return;
    };
    let name_at = start + length;
    let Some(name) = names::at(line, name_at, Trust::Beside) else {
        return;
    };
    let tokens = name_at..name_at + name;
    let id = found.add(Item::new(
        NodeKind::Person,
        scan.text(&tokens),
        tokens.clone(),
        0.75 * scan.sureness(at),
    ));
    found.tie(Tie {
        kind: EdgeKind::RelatesTo,
        from: Some(owner),
        to: id,
        slot: kind.slot.clone(),
        polarity: Polarity::Holds,
        when: None,
        tokens: at..tokens.end,
        confidence: 0.7 * scan.sureness(at),
    });
}

/// Whether the word of a name carries a possessive s, with an apostrophe or without.
fn owns(line: &Line<'_>, item: &Item, at: usize) -> bool {
    let name = item.name.to_lowercase();
    let last = name.rsplit(' ').next().unwrap_or_default();
    line.scan.has_s(at) || line.scan.low(at).strip_suffix('s') == Some(last)
}

/// "marcus from my bio class", "emma from work".
fn circle(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::PeopleCircle;
    let scan = &line.scan;
    let Some(id) = somebody(found, at) else {
        return;
    };
    let mine = matches!(scan.low(at + 1), "my" | "our" | "the");
    let first = at + 1 + usize::from(mine);
    let circle = (first..first + 3)
        .take_while(|at| scan.is_word(*at))
        .find_map(|at| {
            let word = scan.base(at);
            CIRCLES
                .iter()
                .find(|(words, _)| words.contains(&word))
                .map(|(_, slot)| (*slot, at + 1))
        });
    let active = scan
        .find(&line.lexicon.activities, first)
        .map(|(length, _)| ("team_mate", first + length));
    let Some((slot, end)) = circle.or(active).filter(|_| mine || scan.low(at) == "from") else {
        return;
    };
    let known = found.ties.iter().any(|Told { tie, .. }| {
        tie.from.is_none() && tie.to == id && tie.kind == EdgeKind::RelatesTo
    });
    if !known {
        found.tie(Tie {
            kind: EdgeKind::RelatesTo,
            from: None,
            to: id,
            slot: slot.to_owned(),
            polarity: Polarity::Holds,
            when: None,
            tokens: at..end,
            confidence: 0.7 * scan.sureness(at),
        });
    }
}
