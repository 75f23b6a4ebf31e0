//! People: by what they are to the teen, by title, by name in context.

use std::ops::Range;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{
    Line,
    found::{Found, Item, ItemId, Tie},
    names::{self, Trust},
};
use crate::lexicon::Kind;

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

/// Words that tell siblings apart.
const SIZES: &[(&str, &str)] = &[
    ("older", "older"),
    ("big", "older"),
    ("oldest", "oldest"),
    ("younger", "younger"),
    ("little", "younger"),
    ("baby", "younger"),
    ("youngest", "youngest"),
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

/// "my best friend maya", "my mom", "maya is my best friend", "my coach's name is dan".
fn owned(line: &Line<'_>, my: usize, found: &mut Found) {
    let scan = &line.scan;
    let Some((start, length, kind)) = person_word(line, my + 1) else {
        return;
    };
    let end = start + length;
    let size = (my + 1..start).find_map(|at| {
        let pair = SIZES.iter().find(|(word, _)| *word == scan.low(at));
        pair.map(|(_, size)| *size)
    });
    let role = Role {
        kind,
        word: scan.text(&(start..end)).to_lowercase(),
        size,
    };
    let after = match (scan.has_s(end - 1), scan.low(end), scan.low(end + 1)) {
        (true, "name", "is" | "was") => Some(end + 2),
        (true, _, _) => None,
        (false, "named" | "called" | "is" | "," | "-", _) => Some(end + 1),
        (false, _, _) => Some(end),
    };
    let trust = match scan.low(end) {
        "is" | "," | "-" => Trust::Listed,
        _ => Trust::Beside,
    };
    let name = after.and_then(|at| Some((at, whole_name(line, at, trust)?)));
    if let Some((at, length)) = name {
        let ids = listed(line, at, length, &role, found);
        found.claim(my..at);
        for id in ids {
            relate(line, id, &role, my..at + length, found);
        }
    } else if let Some(named) = name_before(line, my) {
        let id = found.add(role.item(scan.text(&named), named.clone(), 0.85));
        found.claim(my..end);
        relate(line, id, &role, named.start..end, found);
    } else if role.kind.alone {
        let sure = if role.kind.slot.len() < 12 { 0.85 } else { 0.7 };
        let item = role.item(role.word.clone(), start..end, sure * scan.sureness(start));
        let id = found.add(item);
        found.claim(my..end);
        relate(line, id, &role, my..end, found);
    }
}

/// Length of a name, with the title that is part of it: "my teacher ms. lee".
fn whole_name(line: &Line<'_>, at: usize, trust: Trust) -> Option<usize> {
    let title = line
        .scan
        .find(&line.lexicon.titles, at)
        .filter(|(_, title)| title.kept);
    let length = title.map_or(0, |(length, _)| length);
    let trust = if length > 0 { Trust::Beside } else { trust };
    names::at(line, at + length, trust).map(|name| length + name)
}

/// What somebody is to the teen.
struct Role<'l> {
    kind: &'l Kind,
    word: String,
    size: Option<&'static str>,
}

impl Role<'_> {
    fn item(&self, name: String, tokens: Range<usize>, confidence: f32) -> Item {
        let role = self.kind.role.as_deref().unwrap_or(&self.word);
        let role = role
            .strip_suffix('s')
            .filter(|_| role == "friends")
            .unwrap_or(role);
        let mut item = Item::new(NodeKind::Person, name, tokens, confidence).attr("role", role);
        let kept = self.kind.slot == "coach" && item.name != self.word;
        item.qualifier = if kept {
            Some("coach".to_owned())
        } else {
            self.size
                .map(str::to_owned)
                .filter(|_| item.name == self.word)
        };
        item
    }

    fn is_former(&self) -> bool {
        self.word.starts_with("ex")
    }

    /// Whether "not" before it speaks of the tie and not of what was done.
    fn can_end(&self) -> bool {
        matches!(
            self.kind.slot.as_str(),
            "friend" | "best_friend" | "romantic_interest"
        )
    }
}

/// A word for a person at `at`, perhaps behind "little" or the like.
fn person_word<'l>(line: &Line<'l>, at: usize) -> Option<(usize, usize, &'l Kind)> {
    (at..at + 3).find_map(|start| {
        let skipped = (at..start).all(|word| line.lexicon.between.contains(line.scan.low(word)));
        let (length, kind) = line
            .scan
            .find(&line.lexicon.people, start)
            .filter(|_| skipped)?;
        Some((start, length, kind))
    })
}

/// "my friends maya and jake": every name of the list.
fn listed(
    line: &Line<'_>,
    at: usize,
    length: usize,
    role: &Role<'_>,
    found: &mut Found,
) -> Vec<ItemId> {
    let mut ids = Vec::new();
    let (mut at, mut length) = (at, length);
    loop {
        let tokens = at..at + length;
        let sure = 0.9 * line.scan.sureness(at);
        ids.push(found.add(role.item(line.scan.text(&tokens), tokens, sure)));
        let next = at + length;
        let joined = matches!(line.scan.low(next), "and" | "," | "&");
        let more = joined
            .then(|| names::at(line, next + 1, Trust::Listed))
            .flatten();
        let plural = role.word.ends_with('s');
        let Some(more) = more.filter(|_| plural) else {
            return ids;
        };
        (at, length) = (next + 1, more);
    }
}

/// "maya is my best friend", "maya, my best friend".
fn name_before(line: &Line<'_>, my: usize) -> Option<Range<usize>> {
    let scan = &line.scan;
    let links = match (scan.before(my, 3), scan.before(my, 2), scan.before(my, 1)) {
        ("used", "to", "be") => 3,
        (_, "who", "is") | (_, "is" | "was", "like" | "basically" | "also" | "still") => 2,
        (_, _, "is" | "was" | "," | "who's") => 1,
        _ => usize::from(false),
    };
    let end = my.checked_sub(links)?;
    if links == 0 && !end.checked_sub(1).is_some_and(|last| scan.has_s(last)) {
        return None;
    }
    [2, 1].into_iter().find_map(|length| {
        let start = end.checked_sub(length)?;
        (names::at(line, start, Trust::Listed) == Some(length)).then_some(start..end)
    })
}

/// Ties a person to the teen.
fn relate(line: &Line<'_>, id: ItemId, role: &Role<'_>, tokens: Range<usize>, found: &mut Found) {
    let scan = &line.scan;
    let stopped = role.is_former()
        || (role.can_end() && scan.is_stopped(tokens.start))
        || scan
            .clause_of(tokens.end.saturating_sub(1))
            .is_some_and(|clause| {
                let used = clause
                    .stop
                    .as_ref()
                    .filter(|stop| scan.low(stop.start) == "used");
                used.is_some_and(|stop| scan.low(stop.end) == "be")
            });
    found.tie(Tie {
        kind: EdgeKind::RelatesTo,
        from: None,
        to: id,
        slot: role.kind.slot.clone(),
        polarity: if stopped {
            Polarity::Stopped
        } else {
            Polarity::Holds
        },
        when: stopped.then(|| line.when_in_clause(tokens.start)).flatten(),
        confidence: 0.85 * scan.sureness(tokens.start),
        tokens,
    });
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
