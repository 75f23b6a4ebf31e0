//! Phrases that several sessions say: one session alone may have said them in passing.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    ids::SessionId,
    memory::{
        resolve::Named,
        store::{Mention, MentionList},
    },
};

/// Sessions that must say a phrase before it names something (language.md 5).
const SESSIONS: usize = 2;

/// The tentative names that name something, each as it is named in short.
#[derive(Debug, Default)]
pub(super) struct Recurring(BTreeMap<String, Named>);

impl Recurring {
    /// Those of all lists; what some mention names for sure anyway is no name of its own.
    pub(super) fn of(lists: &[&MentionList]) -> Self {
        let mut said: BTreeMap<String, (BTreeSet<SessionId>, &Mention)> = BTreeMap::new();
        for list in lists {
            let tentative = list.mentions.iter().filter(|mention| mention.tentative);
            for mention in tentative.filter(|mention| !mention.turns.is_empty()) {
                let (sessions, least) = said
                    .entry(key(mention))
                    .or_insert_with(|| (BTreeSet::new(), mention));
                sessions.insert(list.session);
                if mention.surface.reveal() < least.surface.reveal() {
                    *least = mention;
                }
            }
        }
        let mut names: BTreeMap<String, Named> = said
            .into_iter()
            .filter(|(_key, (sessions, _least))| sessions.len() >= SESSIONS)
            .filter_map(|(key, (_sessions, least))| Some((key, Named::of(least)?)))
            .collect();
        if !names.is_empty() {
            let all = lists.iter().flat_map(|list| &list.mentions);
            let mut key = String::new();
            for mention in all.filter(|mention| !mention.tentative && !mention.turns.is_empty()) {
                write_key(mention, &mut key);
                names.remove(&key);
            }
        }
        Self(names)
    }

    /// What a tentative mention names, if several sessions say it and if in this place it is no part
    /// of a longer phrase of which that is true as well.
    pub(super) fn name(&self, list: &MentionList, mention: &Mention) -> Option<Named> {
        let name = self.0.get(&key(mention))?;
        let holds = |longer: &&Mention| {
            longer.tentative
                && longer.span != mention.span
                && longer.turns == mention.turns
                && (longer.span.0 <= mention.span.0 && mention.span.1 <= longer.span.1)
        };
        let mut longer = list.mentions.iter().filter(holds);
        (!longer.any(|longer| self.0.contains_key(&key(longer)))).then(|| name.clone())
    }
}

/// Lower-cased words, without the s of many.
fn key(mention: &Mention) -> String {
    let mut key = String::new();
    write_key(mention, &mut key);
    key
}

/// Puts the key of a mention in place of what `key` held.
fn write_key(mention: &Mention, key: &mut String) {
    key.clear();
    for word in mention.surface.reveal().split_whitespace() {
        if !key.is_empty() {
            key.push(' ');
        }
        let start = key.len();
        key.extend(word.chars().flat_map(char::to_lowercase));
        let word = key.get(start..).unwrap_or_default();
        if word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") {
            key.pop();
        }
    }
}
