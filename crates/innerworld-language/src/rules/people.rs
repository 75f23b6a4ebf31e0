//! People: by what they are to the teen, by title, by name in context.

mod owned;
pub(super) mod told;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use self::owned::{Role, owned, relate};
use super::{
    Line,
    found::{Found, Item, Tie},
    names::{self, Trust},
    rule::Rule,
};

/// Words after which somebody may be named.
const BEFORE_NAME: &[&str] = &[
    "miss", "love", "for", "than", "hate", "like", "about", "from", "by",
];

/// Words after which hardly anything but somebody is named.
const BEFORE_COMPANY: &[&str] = &[
    "with",
    "w",
    "w/",
    "told",
    "tell",
    "texted",
    "met",
    "asked",
    "ask",
    "invited",
    "saw",
    "hugged",
    "called",
    "helped",
    "visited",
    "between",
    "facetimed",
    "facetime",
    "facetiming",
];

/// Words that join two names.
const AND: &[&str] = &["and", "n", "&", ","];

/// What people do: after a capitalised word it is somebody's name.
const DOINGS: &[&str] = &[
    "said", "says", "told", "texted", "asked", "thinks", "called", "invited", "laughed", "yelled",
    "helped", "wants", "ghosted", "hates", "likes", "cried", "keeps",
];

/// Finds the people of a line.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    for at in &places {
        let owns = matches!(line.scan.low(*at), "my" | "our") || has_people(line, *at);
        if owns && found.is_free(*at) {
            owned(line, *at, found);
        }
    }
    for at in &places {
        if found.is_free(*at) {
            named_so(line, *at, found);
        }
    }
    for at in &places {
        if found.is_free(*at) {
            of_the(line, *at, found);
        }
    }
    for at in &places {
        if found.is_free(*at) {
            titled(line, *at, found);
        }
    }
    for at in &places {
        if found.is_free(*at) {
            bare(line, *at, found);
        }
        if found.is_free(*at) {
            in_context(line, *at, found);
        }
    }
}

/// "i have two brothers, jake and tyler": whether people of the teen's are counted at `at`.
fn has_people(line: &Line<'_>, at: usize) -> bool {
    let scan = &line.scan;
    let counted = matches!(
        scan.low(at),
        "a" | "an" | "one" | "two" | "three" | "four" | "1" | "2" | "3" | "4"
    );
    let had = matches!(scan.before(at, 1), "have" | "got" | "ive" | "i've");
    counted
        && had
        && scan.first_person_before(at).is_some()
        && owned::person_word(line, at + 1).is_some_and(|(start, length, kind)| {
            // "a crush on owen" is nobody but owen.
            scan.low(start + length) != "on"
                && matches!(kind.slot.as_str(), "kin" | "friend" | "romantic_interest")
        })
}

/// "a girl named zoe", "a friend called sam".
fn named_so(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::PeopleNamed;
    let scan = &line.scan;
    if matches!(scan.low(at), "name's" | "name" | "names")
        && matches!(scan.before(at, 1), "his" | "her" | "their")
    {
        name_is(line, at, found);
        return;
    }
    if !matches!(scan.low(at), "named" | "called") {
        return;
    }
    let Some(length) = names::at(line, at + 1, Trust::Beside) else {
        return;
    };
    let from = at.saturating_sub(6).max(scan.sentence_of(at).start);
    let person = (from..at).rev().find_map(|place| {
        let one = matches!(
            scan.low(place),
            "girl" | "boy" | "guy" | "kid" | "dude" | "person" | "senior" | "junior"
        );
        let kind = scan.find(&line.lexicon.people, place).map(|(_, kind)| kind);
        (one || kind.is_some()).then_some(kind)
    });
    let Some(kind) = person else {
        return;
    };
    let tokens = at + 1..at + 1 + length;
    let mut item = Item::new(NodeKind::Person, scan.text(&tokens), tokens, 0.8);
    if let Some(role) = kind.and_then(|kind| kind.role.as_deref()) {
        item = item.attr("role", role);
    }
    found.add(item);
}

/// "his name is cillian", "her names zoe".
fn name_is(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::PeopleNameIs;
    let scan = &line.scan;
    let start = at + 1 + usize::from(scan.low(at + 1) == "is");
    if scan.low(at) == "name" && start == at + 1 {
        return;
    }
    if let Some(length) = names::at(line, start, Trust::Beside) {
        let tokens = start..start + length;
        let sure = 0.8 * scan.sureness(at);
        found.add(Item::new(
            NodeKind::Person,
            scan.text(&tokens),
            tokens,
            sure,
        ));
    }
}

/// "mr. okafor", "coach dan", "uncle ray".
fn titled(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::PeopleTitled;
    let scan = &line.scan;
    let Some((length, title)) = scan
        .find(&line.lexicon.titles, at)
        .filter(|_| !scan.has_s(at))
    else {
        return;
    };
    let missing = scan.low(at) == "miss" && !scan.is_capital(at);
    let trust = if title.slot == "teacher" {
        Trust::Titled
    } else {
        Trust::Beside
    };
    let Some(name) = names::at(line, at + length, trust).filter(|_| !missing) else {
        return;
    };
    let whole = at..at + length + name;
    let named = if title.kept {
        whole.clone()
    } else {
        at + length..whole.end
    };
    let mut item = Item::new(NodeKind::Person, scan.text(&named), whole.clone(), 0.85);
    item.qualifier = (!title.kept).then(|| scan.low(at).to_owned());
    let item = match title.role.as_deref() {
        Some(role) => item.attr("role", role),
        None => item,
    };
    let id = found.add(item);
    let others = matches!(scan.before(at, 1), "his" | "her" | "their" | "your")
        || at.checked_sub(1).is_some_and(|at| scan.has_s(at));
    if others && title.slot == "kin" {
        return;
    }
    found.tie(Tie {
        kind: EdgeKind::RelatesTo,
        from: None,
        to: id,
        slot: title.slot.clone(),
        polarity: Polarity::Holds,
        when: None,
        confidence: 0.6 * scan.sureness(at),
        tokens: whole,
    });
}

/// "the counselor mrs grant", "the manager darlene": by what somebody is where the teen goes.
fn of_the(line: &Line<'_>, the: usize, found: &mut Found) {
    found.by = Rule::PeopleOfThe;
    let scan = &line.scan;
    if !matches!(scan.low(the), "the" | "this" | "our") {
        return;
    }
    let Some((length, kind)) = scan.find(&line.lexicon.people, the + 1) else {
        return;
    };
    let start = the + 1 + length;
    let bound = !matches!(kind.slot.as_str(), "kin" | "romantic_interest" | "friend");
    let Some(name) =
        owned::whole_name(line, start, Trust::Beside).filter(|_| bound && !scan.has_s(start - 1))
    else {
        return;
    };
    let tokens = start..start + name;
    let role = Role {
        kind,
        word: scan.text(&(the + 1..start)).to_lowercase(),
        size: None,
    };
    let id = found.add(role.item(scan.text(&tokens), tokens, 0.8 * scan.sureness(the)));
    found.claim(the..start);
    relate(line, id, &role, the..start + name, found);
}

/// "mom said", "coach says": nobody else's.
fn bare(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::PeopleBare;
    let scan = &line.scan;
    let before = scan.before(at, 1);
    let others = matches!(
        before,
        "his" | "her" | "their" | "your" | "ur" | "a" | "the" | "every" | "no" | "step" | "dog"
    );
    if others || scan.before(at, 1).ends_with("'s") {
        return;
    }
    // "dads already got an apartment": who leaves out apostrophes.
    let plain = scan.find(&line.lexicon.people, at);
    let Some((length, kind)) = plain.or_else(|| owned::without_apostrophe(line, at)) else {
        return;
    };
    let joined = matches!(scan.before(at, 1), "n" | "and" | "w" | "with") && kind.slot == "kin";
    if !(kind.bare || joined)
        || scan
            .find(&line.lexicon.titles, at)
            .is_some_and(|(length, _)| names::at(line, at + length, Trust::Beside).is_some())
    {
        return;
    }
    let tokens = at..at + length;
    let word = owned::word_of(line, &tokens);
    let role = Role {
        kind,
        word,
        size: None,
    };
    let id = found.add(role.item(role.word.clone(), tokens.clone(), 0.75 * scan.sureness(at)));
    relate(line, id, &role, tokens, found);
}

/// "with Jake", "emma told me", "me and olu", "jalen and wren".
fn in_context(line: &Line<'_>, at: usize, found: &mut Found) {
    found.by = Rule::PeopleContext;
    let scan = &line.scan;
    let before = scan.before(at, 1);
    let (trust, sure) = if BEFORE_COMPANY.contains(&before)
        || DOINGS.contains(&scan.low(at + 1))
        || is_joined(line, at, found)
    {
        (Trust::Company, 0.75)
    } else if BEFORE_NAME.contains(&before) || AND.contains(&before) {
        (Trust::Context, 0.75)
    } else {
        (Trust::Listed, 0.65)
    };
    let articled = matches!(before, "a" | "an" | "the" | "my" | "this" | "named");
    let Some(length) = names::at(line, at, trust).filter(|_| !articled) else {
        return;
    };
    let tokens = at..at + length;
    if tokens.clone().all(|at| found.is_free(at)) {
        let sure = sure * scan.sureness(at);
        found.add(Item::new(
            NodeKind::Person,
            scan.text(&tokens),
            tokens,
            sure,
        ));
    }
}

/// Whether "and" or the like joins the word to the teen or to somebody read before: "me and olu",
/// "olu and i", "jalen and wren".
fn is_joined(line: &Line<'_>, at: usize, found: &Found) -> bool {
    let scan = &line.scan;
    let me = |word: &str| matches!(word, "me" | "i");
    let joins = |word: &str| AND.contains(&word) && word != ",";
    let behind = joins(scan.before(at, 1)) && {
        let other = at.saturating_sub(2);
        me(scan.low(other))
            || found
                .of(&[NodeKind::Person])
                .any(|(_, item)| item.tokens.end == other + 1)
    };
    let ahead = joins(scan.low(at + 1)) && me(scan.low(at + 2)) && !me(scan.before(at, 1));
    behind || ahead || (scan.before(at, 1) == "me" && joins(scan.low(at + 1)))
}
