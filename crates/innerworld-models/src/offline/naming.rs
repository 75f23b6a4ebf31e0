//! Which name of the message a reply may use.

use innerworld_core::{memory::ontology::NodeKind, secret::Text};

const MOST_CHARACTERS: usize = 28;
const MOST_WORDS: usize = 4;

/// A name that can stand in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    /// A proper name reads well inside a sentence; a bare noun only after a colon.
    pub(super) proper: bool,
    pub(super) goal: bool,
}

/// The best name of `entities`: people first, then goals, then whatever has a proper name.
pub(super) fn best<'a>(
    entities: &'a [(NodeKind, Text)],
    own_name: Option<&Text>,
) -> Option<Named<'a>> {
    let own = own_name.map(|name| name.reveal().to_lowercase());
    entities
        .iter()
        .filter(|(kind, _)| *kind != NodeKind::Teen)
        .filter_map(|(kind, text)| Some((*kind, usable(text.reveal())?)))
        .filter(|(_, name)| own.as_deref() != Some(name.to_lowercase().as_str()))
        .map(|(kind, name)| {
            let capital = name.chars().next().is_some_and(char::is_uppercase);
            let named = Named {
                name,
                proper: capital && kind != NodeKind::Goal,
                goal: kind == NodeKind::Goal,
            };
            let rank = match kind {
                NodeKind::Person if capital => 0,
                NodeKind::Goal => 1,
                _ if capital => 2,
                _ => 3,
            };
            (rank, named)
        })
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, named)| named)
}

/// What the teen wants to be called, if it is a name.
pub(super) fn own(name: Option<&Text>) -> Option<&str> {
    name.and_then(|name| usable(name.reveal()))
}

/// Letters, spaces, hyphens and apostrophes only: no numbers, addresses or links get into a reply
/// this way.
fn usable(text: &str) -> Option<&str> {
    let text = text.trim();
    let plain = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '\u{2019}');
    let fits = text.chars().count() <= MOST_CHARACTERS
        && text.split_whitespace().count() <= MOST_WORDS
        && text.chars().next().is_some_and(char::is_alphabetic)
        && text.chars().all(plain);
    fits.then_some(text)
}

/// Whether a remembered fact may be quoted: a clause without anything like contact data, placeholders
/// or markup.
pub(super) fn quotable(fact: &str) -> Option<&str> {
    let fact = fact.trim().trim_end_matches(['.', '!', '?']).trim_end();
    let lower = fact.to_lowercase();
    let digits = fact.chars().filter(char::is_ascii_digit).count();
    let contact = ["@", "http", "www.", "://", "[", "{", "}", "<", ">"]
        .iter()
        .any(|mark| lower.contains(mark));
    let short = fact.split_whitespace().count() <= 24 && fact.chars().count() <= 160;
    let one_line = !fact.chars().any(char::is_control);
    (short && one_line && !contact && digits <= 4 && !fact.is_empty()).then_some(fact)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(kind: NodeKind, name: &str) -> (NodeKind, Text) {
        (kind, Text::new(name.to_owned()))
    }

    #[test]
    fn people_come_first_and_odd_names_never() {
        let entities = [
            entity(NodeKind::Teen, "Sam"),
            entity(NodeKind::Topic, "maths"),
            entity(NodeKind::Person, "Maya"),
            entity(NodeKind::Goal, "make the team"),
        ];
        assert_eq!(best(&entities, None).unwrap().name, "Maya");
        let own = Text::new("maya".to_owned());
        let named = best(&entities, Some(&own)).unwrap();
        assert!(named.goal && !named.proper && named.name == "make the team");
        for odd in [
            "555-0100",
            "a@b.example",
            "www.x.example",
            "",
            "a{name}",
            "x\ny",
        ] {
            assert_eq!(
                best(&[entity(NodeKind::Person, odd)], None),
                None,
                "{odd:?}"
            );
        }
    }

    #[test]
    fn facts_with_contact_data_are_not_quoted() {
        assert_eq!(quotable(" you like maps. "), Some("you like maps"));
        assert_eq!(quotable("you turned 14 in May 2026"), None);
        assert_eq!(quotable("you turn 14 in May"), Some("you turn 14 in May"));
        for odd in [
            "",
            "mail [EMAIL_1]",
            "see www.x.example",
            "call 5550100",
            "a\nb",
        ] {
            assert_eq!(quotable(odd), None, "{odd:?}");
        }
    }
}
