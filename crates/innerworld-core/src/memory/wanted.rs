//! The words of a query as the index knows them.

use super::{
    thesaurus::Thesaurus,
    tokens::{StemId, Vocabulary},
};

/// A stem of a query, with the known stems that mean about the same.
///
/// A turn that holds several of them counts for the best one only: it says one thing in several
/// words, and answers no better for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// The stem itself, if the index knows it.
    pub stem: Option<StemId>,
    /// Stems near to it, each with what finding it is worth beside finding the stem itself.
    pub near: Vec<(StemId, f32)>,
}

impl Wanted {
    /// A stem alone.
    pub const fn only(stem: StemId) -> Self {
        Self {
            stem: Some(stem),
            near: Vec::new(),
        }
    }

    /// The distinct stems of `query`, in order; with those near to each if there is a thesaurus.
    pub fn of(query: &str, known: &Vocabulary, thesaurus: Option<&dyn Thesaurus>) -> Vec<Self> {
        let Some(thesaurus) = thesaurus else {
            return known.find(query).into_iter().map(Self::only).collect();
        };
        let mut all = Vec::new();
        known.each_distinct(query, |stem, number| {
            let mut wanted = Self {
                stem: number,
                near: Vec::new(),
            };
            thesaurus.near(stem, &mut |near, share| {
                if let Some(number) = known.number(near) {
                    wanted.near.push((number, share));
                }
            });
            all.push(wanted);
        });
        all.retain(|wanted| wanted.stem.is_some() || !wanted.near.is_empty());
        all
    }
}
