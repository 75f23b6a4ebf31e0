//! What two people are to each other by what they do: dating, breaking up, being friends.

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    Line,
    found::{Found, Item, ItemId, Tie, Told},
    rule::Rule,
};

/// Somebody this many tokens away from the words of a bond is meant by them.
const NEAR: usize = 6;

/// Words, the bond they speak of, and whether they end it.
const BONDS: &[(&[&str], &str, Polarity)] = &[
    (&["broke", "up"], "romantic_interest", Polarity::Stopped),
    (&["split", "up"], "romantic_interest", Polarity::Stopped),
    (&["dumped"], "romantic_interest", Polarity::Stopped),
    (&["back", "together"], "romantic_interest", Polarity::Holds),
    (&["dating"], "romantic_interest", Polarity::Holds),
    (
        &["going", "out", "with"],
        "romantic_interest",
        Polarity::Holds,
    ),
    (&["crush", "on"], "romantic_interest", Polarity::Holds),
    (
        &["in", "love", "with"],
        "romantic_interest",
        Polarity::Holds,
    ),
    (&["best", "friends"], "friend", Polarity::Holds),
    (&["best", "mates"], "friend", Polarity::Holds),
    (&["besties"], "friend", Polarity::Holds),
    (&["mates"], "friend", Polarity::Holds),
    (&["friends"], "friend", Polarity::Holds),
    (&["fancy"], "romantic_interest", Polarity::Holds),
    (
        &["likes", "me", "back"],
        "romantic_interest",
        Polarity::Holds,
    ),
];

/// Ties people to the teen by what is said of both.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    let mut next = 0;
    for at in places {
        if at < next || !found.is_free(at) {
            continue;
        }
        let said = |words: &[&str]| {
            (at..)
                .zip(words)
                .all(|(at, word)| line.scan.low(at) == *word)
        };
        if let Some((words, slot, polarity)) = BONDS.iter().find(|(words, ..)| said(words)) {
            next = at + words.len();
            bond(line, at, (slot, *polarity), found);
        }
    }
}

fn bond(line: &Line<'_>, at: usize, (slot, polarity): (&str, Polarity), found: &mut Found) {
    found.by = Rule::BondsOwn;
    let scan = &line.scan;
    let sentence = scan.sentence_of(at);
    let mine = sentence.clone().any(|at| {
        matches!(
            scan.low(at),
            "i" | "i'm" | "im" | "me" | "i've" | "my" | "we"
        )
    });
    // "friends" alone ("my friends", "make friends") binds nobody.
    let friends = slot == "friend";
    let of_two = matches!(scan.low(at + 1), "with" | "since" | "anymore")
        || scan.low(at + 2) == "with"
        || (1..=2).any(|back| {
            matches!(
                scan.before(at, back),
                "are" | "were" | "aren't" | "not" | "be" | "longer" | "became"
            )
        });
    if friends && of_others(line, at, found) {
        return;
    }
    let Some((id, person)) = somebody(line, at, found).filter(|_| mine && (!friends || of_two))
    else {
        return;
    };
    // "my mom and dad broke up": with each other.
    let kin = |told: &Told| told.tie.to == id && told.tie.from.is_none() && told.tie.slot == "kin";
    if !friends && found.ties.iter().any(kin) {
        return;
    }
    let tokens = at.min(person.tokens.start)..person.tokens.end.max(at + 1);
    let stopped = polarity == Polarity::Stopped || scan.is_stopped(at);
    let said_when =
        polarity == Polarity::Stopped || sentence.clone().any(|at| scan.low(at) == "since");
    found.tie(Tie {
        kind: EdgeKind::RelatesTo,
        from: None,
        to: id,
        slot: slot.to_owned(),
        polarity: if stopped {
            Polarity::Stopped
        } else {
            Polarity::Holds
        },
        when: line.when_in_clause(at).filter(|_| said_when),
        tokens,
        confidence: 0.8 * scan.sureness(at),
    });
}

/// "reece is mates with my cousin dom": the friends of somebody else.
fn of_others(line: &Line<'_>, at: usize, found: &mut Found) -> bool {
    found.by = Rule::BondsOfOthers;
    let scan = &line.scan;
    if scan.low(at + 1) != "with" || scan.first_person_before(at).is_some() {
        return false;
    }
    let Some(from) = found.subject(scan, at) else {
        return false;
    };
    let with = found
        .of(&[NodeKind::Person])
        .filter(|(id, item)| *id != from && item.tokens.start > at)
        .min_by_key(|(_, item)| item.tokens.start)
        .map(|(id, item)| (id, item.tokens.end));
    let Some((to, end)) = with.filter(|(_, end)| *end <= scan.clause_end(at)) else {
        return false;
    };
    found.tie(Tie {
        kind: EdgeKind::RelatesTo,
        from: Some(from),
        to,
        slot: "friend".to_owned(),
        polarity: Polarity::Holds,
        when: None,
        tokens: at..end,
        confidence: 0.7 * scan.sureness(at),
    });
    true
}

/// The person nearest to `at` in its sentence.
fn somebody<'f>(line: &Line<'_>, at: usize, found: &'f Found) -> Option<(ItemId, &'f Item)> {
    let sentence = line.scan.sentence_of(at);
    let distance = |item: &Item| {
        let before = at.checked_sub(item.tokens.end);
        before.unwrap_or_else(|| item.tokens.start.saturating_sub(at))
    };
    found
        .of(&[NodeKind::Person])
        .filter(|(_, item)| sentence.contains(&item.tokens.start) && distance(item) <= NEAR)
        .min_by_key(|(_, item)| distance(item))
}
