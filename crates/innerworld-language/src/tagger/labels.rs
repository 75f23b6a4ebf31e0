//! What a word can be: outside of names, the first of one, or a later one.
#![expect(
    clippy::indexing_slicing,
    reason = "the table is filled when the program is built"
)]

/// What a name stands for, in the six types of the W-NUT 2017 shared task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// Somebody.
    Person,
    /// A place.
    Location,
    /// A band, a team, a party: people under one name.
    Group,
    /// A company, a site, a school as an organisation.
    Corporation,
    /// Something made to be used.
    Product,
    /// A film, a song, a book, a show.
    CreativeWork,
}

impl EntityKind {
    /// Every kind, in the order of the labels.
    pub const ALL: [Self; 6] = [
        Self::Person,
        Self::Location,
        Self::Group,
        Self::Corporation,
        Self::Product,
        Self::CreativeWork,
    ];

    /// Its name in files of labels.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Location => "location",
            Self::Group => "group",
            Self::Corporation => "corporation",
            Self::Product => "product",
            Self::CreativeWork => "creative-work",
        }
    }
}

/// The label of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    /// No part of a name.
    Outside,
    /// The first word of a name.
    Begin(EntityKind),
    /// A later word of the name that the word before belongs to.
    Inside(EntityKind),
}

/// How many labels there are.
pub(crate) const LABELS: usize = 1 + 2 * EntityKind::ALL.len();

/// Every label, by number.
pub(crate) const ALL: [Label; LABELS] = {
    let mut all = [Label::Outside; LABELS];
    let mut kind = 0;
    while kind < EntityKind::ALL.len() {
        all[1 + 2 * kind] = Label::Begin(EntityKind::ALL[kind]);
        all[2 + 2 * kind] = Label::Inside(EntityKind::ALL[kind]);
        kind += 1;
    }
    all
};

impl Label {
    /// Its place among all labels.
    pub const fn number(self) -> usize {
        match self {
            Self::Outside => 0,
            Self::Begin(kind) => 1 + 2 * kind as usize,
            Self::Inside(kind) => 2 + 2 * kind as usize,
        }
    }

    /// Whether it may stand after `before` (`None`: at the start). A later word of a name follows
    /// a word of the same kind of name.
    pub fn may_follow(self, before: Option<Self>) -> bool {
        match self {
            Self::Inside(kind) => {
                before == Some(Self::Begin(kind)) || before == Some(Self::Inside(kind))
            }
            Self::Outside | Self::Begin(_) => true,
        }
    }

    /// The label with this name: `O`, `B-person`, `I-person`, ...
    pub fn parse(name: &str) -> Option<Self> {
        ALL.into_iter().find(|label| label.to_string() == name)
    }
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Outside => f.write_str("O"),
            Self::Begin(kind) => write!(f, "B-{}", kind.name()),
            Self::Inside(kind) => write!(f, "I-{}", kind.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_lead_back_to_the_label() {
        for (number, label) in ALL.into_iter().enumerate() {
            assert_eq!(label.number(), number);
            assert_eq!(Label::parse(&label.to_string()), Some(label));
        }
        assert_eq!(Label::parse("B-planet"), None);
    }

    #[test]
    fn a_name_goes_on_only_as_what_it_is() {
        use EntityKind::{Group, Person};
        assert!(!Label::Inside(Person).may_follow(None));
        assert!(!Label::Inside(Person).may_follow(Some(Label::Begin(Group))));
        assert!(Label::Inside(Person).may_follow(Some(Label::Inside(Person))));
        assert!(Label::Begin(Person).may_follow(None));
    }
}
