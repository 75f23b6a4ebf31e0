//! Words of facts for the turns they were read from: recall finds a turn also by what it means but
//! does not say.
//!
//! Names come from the turn's own session only, from turns that are still there: words are made
//! anew whenever something is forgotten, and what named it takes them along.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    fold::Fold,
    names,
    ontology::{EdgeKind, NodeKind},
    store::{EvidenceTurn, Mention, MentionList, Relation, Speaker},
    tokens::each_word,
};
use crate::{
    ids::{SessionId, TurnId},
    secret::Text,
};

/// Relations surer than this add their words to the turns they come from.
const LEAST_CONFIDENCE: f32 = 0.5;

/// Gives every turn the words of the facts that were read from it: what `fold` makes of `lists`.
pub(super) fn add_fact_words<L: Borrow<MentionList>>(
    said: &mut [EvidenceTurn],
    lists: &[L],
    fold: &Fold,
) {
    let sessions: BTreeSet<SessionId> = said.iter().map(|turn| turn.session).collect();
    let mut words: BTreeMap<TurnId, Vec<Text>> = BTreeMap::new();
    let mut spoken_of: BTreeMap<SessionId, SpokenOf<'_>> = BTreeMap::new();
    let lists = lists.iter().map(Borrow::<MentionList>::borrow);
    for list in lists.filter(|list| sessions.contains(&list.session)) {
        for (position, relation) in (0_u32..).zip(&list.relations) {
            if let Some(fact) = of_relation(list, relation, fold.edge_of(list, position).is_some())
            {
                for turn in &relation.turns {
                    words.entry(*turn).or_default().push(fact.clone());
                }
            }
        }
        spoken_of.entry(list.session).or_default().add(list, fold);
    }
    for turn in said {
        let mut found = words.remove(&turn.id).unwrap_or_default();
        if let (Some(text), Some(spoken_of)) = (&turn.text, spoken_of.get_mut(&turn.session)) {
            found.extend(spoken_of.words(turn, text.reveal()));
        } else {
            found.clear();
        }
        turn.fact_words = found;
    }
}

/// The words of the fact that a relation became: both names, as the session itself said them, and
/// what ties them.
fn of_relation(list: &MentionList, relation: &Relation, stands: bool) -> Option<Text> {
    let sure = relation.confidence > LEAST_CONFIDENCE;
    if relation.kind == EdgeKind::Mentions || !sure || !stands {
        return None;
    }
    let surface = |index: u32| {
        let mut mentions = list.mentions.iter();
        let mention = mentions.find(|mention| mention.index == index)?;
        Some(names::display(mention.surface.reveal()))
    };
    let tie = if relation.slot.is_empty() {
        relation.kind.name()
    } else {
        &relation.slot
    };
    let from = relation.from.and_then(surface).unwrap_or_default();
    let words = format!("{from} {} {}", tie.replace('_', " "), surface(relation.to)?);
    Some(words.trim_start().to_owned().into())
}

/// What the turns of a session speak of, also where they only say "she".
#[derive(Default)]
struct SpokenOf<'a>(BTreeMap<TurnId, Vec<&'a Mention>>);

impl<'a> SpokenOf<'a> {
    fn add(&mut self, list: &'a MentionList, fold: &Fold) {
        let standing = |mention: &&Mention| fold.node_of(list, mention.index).is_some();
        for mention in list.mentions.iter().filter(standing) {
            for turn in &mention.turns {
                self.0.entry(*turn).or_default().push(mention);
            }
        }
    }

    /// What a turn means without saying it: what it is that it names, and who it is whom it only
    /// calls "she".
    fn words(&mut self, turn: &EvidenceTurn, text: &str) -> Option<Text> {
        if turn.speaker != Speaker::Teen {
            return None;
        }
        let mut spoken: Vec<String> = Vec::new();
        each_word(text, |word| spoken.push(word.to_owned()));
        let mut named = self.0.remove(&turn.id).unwrap_or_default();
        named.sort_by_key(|mention| mention.span);
        let people = named
            .iter()
            .filter(|mention| mention.kind == NodeKind::Person);
        let described = people.map(|person| described(person));
        let kinds = named.iter().map(|mention| kind_words(mention).to_owned());
        let meant: String = kinds.chain(described).collect();
        let mut unsaid: Vec<String> = Vec::new();
        each_word(&meant, |word| {
            let known = spoken.iter().chain(&unsaid).any(|known| known == word);
            if !known {
                unsaid.push(word.to_owned());
            }
        });
        (!unsaid.is_empty()).then(|| unsaid.join(" ").into())
    }
}

/// Name and role: "Ray uncle".
fn described(mention: &Mention) -> String {
    let role = mention.attrs.get("role").map(|role| role.reveal().as_str());
    format!(
        " {} {}",
        names::display(mention.surface.reveal()),
        role.unwrap_or_default()
    )
}

/// What one asks for who does not know the thing itself: "which hobby", "what plans".
fn kind_words(mention: &Mention) -> &'static str {
    let sub = mention.attrs.get("sub").map(|sub| sub.reveal().as_str());
    match (mention.kind, sub) {
        (NodeKind::Activity, _) => " activity hobby",
        (NodeKind::Goal, _) => " goal plan",
        (NodeKind::Event, _) => " event",
        (NodeKind::Place, _) => " place",
        (NodeKind::Thing, Some("pet")) => " pet animal",
        (NodeKind::Thing, Some("group")) => " group",
        _ => "",
    }
}
