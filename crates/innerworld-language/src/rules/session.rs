//! What a session has told so far: names read once are known again, "he" is who was spoken of, and
//! what the persona asked says what an answer of one word is.

mod known;

use std::{collections::BTreeMap, ops::Range};

use innerworld_core::memory::ontology::NodeKind;

use self::known::Names;
use super::{
    Line,
    asked::Asked,
    found::{Found, Item},
    rule::Rule,
};

/// Teen lines after which nobody is meant by "he" any more.
const REMEMBERED: usize = 3;
/// Words of helping.
const HELPS: &[&str] = &[
    "help", "helps", "helping", "helped", "teach", "tutor", "drills", "coaches", "support",
    "supports",
];

/// Letters of a name that is known again wherever it stands.
const SHORTEST: usize = 3;

/// Words for somebody spoken of before, and whether that is a woman.
const PRONOUNS: &[(&str, bool)] = &[
    ("he", false),
    ("he's", false),
    ("hes", false),
    ("he'll", false),
    ("he'd", false),
    ("him", false),
    ("she", true),
    ("she's", true),
    ("shes", true),
    ("she'll", true),
    ("she'd", true),
];

const WOMEN: &[&str] = &[
    "mom",
    "mum",
    "mama",
    "mommy",
    "mummy",
    "mother",
    "sister",
    "sis",
    "grandma",
    "granny",
    "gran",
    "nan",
    "nana",
    "grandmother",
    "abuela",
    "aunt",
    "auntie",
    "aunty",
    "tia",
    "tita",
    "stepmom",
    "girlfriend",
    "gf",
    "niece",
    "twin sister",
    "ms",
    "ms.",
    "mrs",
    "mrs.",
    "miss",
    "girl",
    "host mother",
    "host mom",
];

const MEN: &[&str] = &[
    "dad",
    "daddy",
    "papa",
    "father",
    "brother",
    "bro",
    "grandpa",
    "granddad",
    "grandad",
    "grandfather",
    "granddaddy",
    "abuelo",
    "uncle",
    "tio",
    "tito",
    "stepdad",
    "boyfriend",
    "bf",
    "nephew",
    "twin brother",
    "mr",
    "mr.",
    "guy",
    "boy",
];

/// What is known from the lines before.
#[derive(Debug, Default)]
pub(super) struct Session {
    known: Names,
    /// Who was spoken of, the last one last, each with the number of the teen's line.
    people: Vec<(Item, usize)>,
    lines: usize,
    /// The goal and the event told last, each with the number of the line.
    goal: Option<(Item, usize)>,
    event: Option<(Item, usize)>,
    /// Topics by how many lines touch them.
    touched: BTreeMap<String, usize>,
    pub(super) asked: Option<Asked>,
}

impl Session {
    /// Counts the topics that the teen's lines touch.
    pub(super) fn skims<'l>(&mut self, topics: impl IntoIterator<Item = &'l str>) {
        for topic in topics {
            *self.touched.entry(topic.to_owned()).or_default() += 1;
        }
    }

    /// Whether more than one line touches a topic.
    pub(super) fn dwells(&self, topic: &str) -> bool {
        self.touched.get(topic).is_some_and(|lines| *lines > 1)
    }

    /// Takes in what the persona said: a question makes an answer clear.
    pub(super) fn hears(&mut self, text: &str) {
        self.asked = Asked::read(text);
    }

    /// Takes in what a line of the teen's told.
    pub(super) fn learns(&mut self, found: &Found) {
        self.lines += 1;
        self.asked = None;
        let recent = self.lines;
        self.people.retain(|(_, said)| said + REMEMBERED > recent);
        let mut people: Vec<&Item> = found
            .items
            .iter()
            .filter(|item| item.kind == NodeKind::Person)
            .collect();
        people.sort_by_key(|item| item.places().map(|place| place.start).max());
        for item in people {
            self.people.push((item.clone(), self.lines));
        }
        for item in &found.items {
            match item.kind {
                NodeKind::Goal => self.goal = Some((item.clone(), self.lines)),
                NodeKind::Event => self.event = Some((item.clone(), self.lines)),
                _ => {}
            }
            let named = matches!(
                item.kind,
                NodeKind::Person | NodeKind::Thing | NodeKind::Place
            ) && item.name.chars().count() >= SHORTEST;
            if named {
                self.known.learn(item);
            }
        }
    }

    /// Marks what the line names again without a sign of its own.
    pub(super) fn again(&self, line: &Line<'_>, found: &mut Found) {
        found.by = Rule::SessionAgain;
        let scan = &line.scan;
        let places: Vec<usize> = scan.real().collect();
        for at in places {
            if !found.is_free(at) || !scan.is_word(at) {
                continue;
            }
            let Some((item, length)) = self.known.at(line, at) else {
                continue;
            };
            let tokens = at..at + length;
            if tokens.clone().all(|at| found.is_free(at)) {
                found.add(meant(item, tokens, 0.7 * scan.sureness(at)));
            }
        }
    }

    /// Drops what a title alone says of somebody who is known to be something else: "mr bill", the
    /// neighbour.
    pub(super) fn settle(&self, found: &mut Found) {
        let other = |item: &Item| {
            let role = self
                .known
                .get(&item.name)
                .and_then(|known| known.attrs.get("role"));
            role.is_some_and(|role| role != "teacher")
        };
        let others: Vec<bool> = found.items.iter().map(other).collect();
        found.ties.retain(|told| {
            told.tie.slot != "teacher" || !others.get(told.tie.to).copied().unwrap_or(false)
        });
    }

    /// Marks the goal of a line before where somebody helps: "sam is gonna help me".
    pub(super) fn helped(&self, line: &Line<'_>, found: &mut Found) {
        found.by = Rule::SessionHelped;
        let scan = &line.scan;
        let help = scan
            .real()
            .find(|at| HELPS.contains(&scan.low(*at)) && scan.low(*at + 1) == "me");
        let recent = self
            .goal
            .as_ref()
            .filter(|(_, said)| said + REMEMBERED > self.lines);
        if let Some((at, (goal, _))) = help.zip(recent)
            && found.of(&[NodeKind::Goal]).next().is_none()
        {
            found.note(meant(goal, at..at + 1, 0.5));
        }
    }

    /// Marks the event that "it" is: "grandma is flying in for it".
    pub(super) fn happening(&self, line: &Line<'_>, found: &mut Found) {
        found.by = Rule::SessionHappening;
        let scan = &line.scan;
        let at = scan.real().find(|at| {
            scan.low(*at) == "it"
                && matches!(scan.before(*at, 1), "for" | "to" | "before" | "after")
                && scan.before(*at, 2) != "used"
        });
        let recent = self
            .event
            .as_ref()
            .filter(|(_, said)| said + 2 > self.lines);
        if let Some((at, (event, _))) = at.zip(recent)
            && found.of(&[NodeKind::Event]).next().is_none()
        {
            found.note(meant(event, at..at + 1, 0.5));
        }
    }

    /// Marks whoever "he" and "she" are.
    pub(super) fn pronouns(&self, line: &Line<'_>, found: &mut Found) {
        found.by = Rule::SessionPronouns;
        let scan = &line.scan;
        let places: Vec<usize> = scan.real().collect();
        for at in places {
            let Some((_, woman)) = PRONOUNS.iter().find(|(word, _)| *word == scan.low(at)) else {
                continue;
            };
            if let Some(item) = self.antecedent(line, at, *woman, found) {
                found.note(meant(&item, at..at + 1, 0.6 * scan.sureness(at)));
            }
        }
    }

    /// The person of fitting sex named last: before in the line, else in a line not long ago.
    fn antecedent(&self, line: &Line<'_>, at: usize, woman: bool, found: &Found) -> Option<Item> {
        let here = found
            .of(&[NodeKind::Person])
            .filter(|(_, item)| fits(item, woman))
            .filter_map(|(_, item)| {
                let places = item
                    .places()
                    .filter(|place| place.end <= at && !line.scan.has_s(place.start));
                Some((places.map(|place| place.start).max()?, item))
            })
            .max_by_key(|(start, _)| *start)
            .map(|(_, item)| item.clone());
        here.or_else(|| {
            let recent = self
                .people
                .iter()
                .rev()
                .filter(|(_, said)| said + REMEMBERED > self.lines);
            recent
                .map(|(item, _)| item)
                .find(|item| fits(item, woman))
                .cloned()
        })
    }
}

/// An item of before where words of this line mean it.
fn meant(item: &Item, tokens: Range<usize>, confidence: f32) -> Item {
    Item {
        tokens,
        again: Vec::new(),
        confidence,
        ..item.clone()
    }
}

/// Whether somebody can be a "she" or a "he".
fn fits(item: &Item, woman: bool) -> bool {
    let name = item.name.to_lowercase();
    let role = item.attrs.get("role").map_or("", String::as_str);
    let others = if woman { MEN } else { WOMEN };
    let first = name.split(' ').next().unwrap_or_default();
    !others.contains(&role) && !others.contains(&first)
}
