//! What the labels of other data sets allow here.

use crate::tagger::{ALL_LABELS, Allowed, EntityKind, Label};

use EntityKind::{Corporation, CreativeWork, Group, Location, Person, Product};

/// Labels that a word with the label `label` of any known data set may have.
///
/// Some sets know fewer kinds: an organisation is a group or a company, and which one, training
/// finds out by itself. What no kind of ours is may be any, or none.
pub(super) fn allowed(label: &str) -> Allowed {
    let (place, kind) = label.split_once('-').unwrap_or((label, ""));
    if place == "O" {
        return only([Label::Outside]);
    }
    let kind = kind.to_ascii_lowercase();
    let kinds: &[EntityKind] = match kind.as_str() {
        "per" | "person" | "politician" | "writer" | "researcher" | "scientist"
        | "musicalartist" => &[Person],
        "loc" | "location" | "country" => &[Location],
        "org" | "organisation" => &[Group, Corporation],
        "university" => &[Location, Group, Corporation],
        "group" | "band" | "politicalparty" => &[Group],
        "corporation" => &[Corporation],
        "product" | "programlang" => &[Product],
        "creative-work" | "book" | "poem" | "album" | "song" | "magazine" | "academicjournal" => {
            &[CreativeWork]
        }
        _ => {
            let any = only(EntityKind::ALL.map(|kind| of_place(place, kind)));
            return Allowed(any.0 | only([Label::Outside]).0);
        }
    };
    only(kinds.iter().map(|kind| of_place(place, *kind)))
}

fn of_place(place: &str, kind: EntityKind) -> Label {
    if place == "I" {
        Label::Inside(kind)
    } else {
        Label::Begin(kind)
    }
}

fn only(labels: impl IntoIterator<Item = Label>) -> Allowed {
    Allowed(
        labels
            .into_iter()
            .fold(0, |all, label| all | (1 << label.number())),
    )
}

/// The labels of a sentence as sets, with a later word of a name that has no first one made the
/// first.
pub(super) fn of_sentence(labels: &[String]) -> Vec<Allowed> {
    let mut before = "O";
    let sets = labels.iter().map(|label| {
        let kind = label.split_once('-').map(|(_, kind)| kind);
        let goes_on = before.split_once('-').map(|(_, kind)| kind) == kind;
        before = label;
        if label.starts_with("I-") && !goes_on {
            allowed(&format!("B-{}", kind.unwrap_or_default()))
        } else {
            allowed(label)
        }
    });
    sets.collect()
}

/// The one label of each set that has one only; used for scoring.
pub(super) fn certain(allowed: &[Allowed]) -> Option<Vec<Label>> {
    let one = |set: &Allowed| {
        let mut labels = ALL_LABELS
            .into_iter()
            .filter(|label| set.has(label.number()));
        labels.next().filter(|_| labels.next().is_none())
    };
    allowed.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_other_sets_allow_what_they_can_mean() {
        assert_eq!(allowed("O"), only([Label::Outside]));
        assert_eq!(allowed("I-writer"), only([Label::Inside(Person)]));
        assert_eq!(
            allowed("B-ORG"),
            only([Label::Begin(Group), Label::Begin(Corporation)])
        );
        assert_eq!(allowed("B-award").0.count_ones(), 7);
    }

    #[test]
    fn a_later_word_with_no_first_one_is_the_first() {
        let labels = ["I-PER", "I-PER", "O", "I-LOC"].map(str::to_owned);
        let found = certain(&of_sentence(&labels)).unwrap();
        let expected = [
            Label::Begin(Person),
            Label::Inside(Person),
            Label::Outside,
            Label::Begin(Location),
        ];
        assert_eq!(found, expected);
    }
}
