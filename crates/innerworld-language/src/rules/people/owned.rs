//! People by what they are to the teen: "my best friend maya", "maya is my best friend".

use std::ops::Range;

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use crate::{
    lexicon::Kind,
    rules::{
        Line,
        found::{Found, Item, ItemId, Tie},
        names::{self, Trust},
        rule::Rule,
    },
};

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

/// "my best friend maya", "my mom", "maya is my best friend", "my coach's name is dan".
pub(super) fn owned(line: &Line<'_>, my: usize, found: &mut Found) {
    found.by = Rule::PeopleOwned;
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
        word: word_of(line, &(start..end)),
        size,
    };
    let owner = scan.has_s(end - 1) || scan.find(&line.lexicon.people, start).is_none();
    let after = match (owner, scan.low(end), scan.low(end + 1)) {
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

/// A word for a person that carries a possessive s without its apostrophe: "dads".
pub(super) fn without_apostrophe<'l>(line: &Line<'l>, at: usize) -> Option<(usize, &'l Kind)> {
    let scan = &line.scan;
    let word = scan.low(at).strip_suffix('s')?;
    let (length, kind) = line
        .lexicon
        .people
        .at(at, |place| if place == at { word } else { "" })?;
    let plural = matches!(
        scan.low(at + 1),
        "are" | "were" | "and" | "have" | "all" | "r"
    ) || names::at(line, at + 1, Trust::Listed).is_some();
    (scan.is_word(at + 1) && !plural).then_some((length, kind))
}

/// The word for a person in the tokens, without a possessive.
pub(super) fn word_of(line: &Line<'_>, tokens: &Range<usize>) -> String {
    let text = line.scan.text(tokens).to_lowercase();
    let whole = line.scan.find(&line.lexicon.people, tokens.start).is_some();
    match text.strip_suffix('s') {
        Some(word) if !whole => word.to_owned(),
        _ => text,
    }
}

/// Length of a name, with the title that is part of it: "my teacher ms. lee".
pub(super) fn whole_name(line: &Line<'_>, at: usize, trust: Trust) -> Option<usize> {
    let title = line
        .scan
        .find(&line.lexicon.titles, at)
        .filter(|(_, title)| title.kept);
    let length = title.map_or(0, |(length, _)| length);
    let trust = if length > 0 { Trust::Titled } else { trust };
    names::at(line, at + length, trust).map(|name| length + name)
}

/// What somebody is to the teen.
pub(super) struct Role<'l> {
    pub(super) kind: &'l Kind,
    pub(super) word: String,
    pub(super) size: Option<&'static str>,
}

impl Role<'_> {
    pub(super) fn item(&self, name: String, tokens: Range<usize>, confidence: f32) -> Item {
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
        matches!(self.kind.slot.as_str(), "friend" | "romantic_interest")
    }
}

/// A word for a person at `at`, perhaps behind "little" or the like.
pub(super) fn person_word<'l>(line: &Line<'l>, at: usize) -> Option<(usize, usize, &'l Kind)> {
    (at..at + 3).find_map(|start| {
        let skipped = (at..start).all(|word| line.lexicon.between.contains(line.scan.low(word)));
        let plain = line.scan.find(&line.lexicon.people, start);
        let (length, kind) = plain
            .or_else(|| without_apostrophe(line, start))
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
pub(super) fn relate(
    line: &Line<'_>,
    id: ItemId,
    role: &Role<'_>,
    tokens: Range<usize>,
    found: &mut Found,
) {
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
