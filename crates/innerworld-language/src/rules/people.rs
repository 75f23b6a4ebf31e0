//! People: by what they are to the teen, by title, by name in context.

mod owned;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use self::owned::{Role, owned, relate};
use super::{
    Line,
    found::{Found, Item, Tie},
    names::{self, Trust},
};

/// Words after which somebody is named.
const BEFORE_NAME: &[&str] = &[
    "with", "told", "tell", "texted", "met", "asked", "ask", "invited", "saw", "miss", "and",
    "hugged", "called", "helped", "visited", "love", "for", "than", "hate", "like", "about",
    "from", "by",
];

/// What people do: after a capitalised word it is somebody's name.
const DOINGS: &[&str] = &[
    "said", "says", "told", "texted", "asked", "thinks", "called", "invited", "laughed", "yelled",
    "helped", "wants", "ghosted", "hates", "likes", "cried", "keeps",
];

/// Kin and roles that are somebody without "my".
const BARE: &[&str] = &[
    "mom", "mum", "mama", "dad", "daddy", "grandma", "grandpa", "nana", "abuela", "coach",
];

/// Finds the people of a line.
pub(super) fn find(line: &Line<'_>, found: &mut Found) {
    let places: Vec<usize> = line.scan.real().collect();
    for at in &places {
        if matches!(line.scan.low(*at), "my" | "our") && found.is_free(*at) {
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

/// "a girl named zoe", "a friend called sam".
fn named_so(line: &Line<'_>, at: usize, found: &mut Found) {
    let scan = &line.scan;
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

/// "mr. okafor", "coach dan", "uncle ray".
fn titled(line: &Line<'_>, at: usize, found: &mut Found) {
    let scan = &line.scan;
    let Some((length, title)) = scan
        .find(&line.lexicon.titles, at)
        .filter(|_| !scan.has_s(at))
    else {
        return;
    };
    let missing = scan.low(at) == "miss" && !scan.is_capital(at);
    let Some(name) = names::at(line, at + length, Trust::Beside).filter(|_| !missing) else {
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

/// "mom said", "coach says": nobody else's.
fn bare(line: &Line<'_>, at: usize, found: &mut Found) {
    let scan = &line.scan;
    let before = scan.before(at, 1);
    let others = matches!(
        before,
        "his" | "her" | "their" | "your" | "ur" | "a" | "the" | "every" | "no" | "step"
    );
    if !BARE.contains(&scan.base(at)) || others || scan.before(at, 1).ends_with("'s") {
        return;
    }
    let Some((_, kind)) = scan.find(&line.lexicon.people, at) else {
        return;
    };
    let role = Role {
        kind,
        word: scan.base(at).to_owned(),
        size: None,
    };
    let id = found.add(role.item(role.word.clone(), at..at + 1, 0.75 * scan.sureness(at)));
    relate(line, id, &role, at..at + 1, found);
}

/// "with Jake", "emma told me".
fn in_context(line: &Line<'_>, at: usize, found: &mut Found) {
    let scan = &line.scan;
    let beside = BEFORE_NAME.contains(&scan.before(at, 1)) || DOINGS.contains(&scan.low(at + 1));
    let articled = matches!(
        scan.before(at, 1),
        "a" | "an" | "the" | "my" | "this" | "named"
    );
    let (trust, sure) = if beside {
        (Trust::Context, 0.75)
    } else {
        (Trust::Listed, 0.65)
    };
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
