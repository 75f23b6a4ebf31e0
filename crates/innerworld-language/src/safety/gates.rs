//! Which rules a text opens at all.
//!
//! Asking every rule about every sentence takes longer than trying the few that can match. So each word
//! knows the rules that it opens, and a sentence is asked for its words.

use super::needs::{Held, Need};

/// The rules by the words of which each must find one at least.
#[derive(Debug)]
pub(super) struct Gates {
    by_word: Vec<Rules>,
    /// Rules of which nothing is known.
    always: Rules,
}

/// Places of rules, sixty-four to a block.
#[derive(Clone, Debug)]
struct Rules(Vec<u64>);

impl Rules {
    const BLOCK: usize = 64;

    fn none(rules: usize) -> Self {
        Self(vec![0; rules.div_ceil(Self::BLOCK)])
    }

    fn add(&mut self, place: usize) {
        if let Some(bits) = self.0.get_mut(place / Self::BLOCK) {
            *bits |= 1 << (place % Self::BLOCK);
        }
    }

    fn join(&mut self, other: &Self) {
        for (own, more) in self.0.iter_mut().zip(&other.0) {
            *own |= more;
        }
    }
}

impl Gates {
    /// Of what the rules need, in their order.
    pub(super) fn of(needs: &[&Need], words: usize) -> Self {
        let mut gates = Self {
            by_word: vec![Rules::none(needs.len()); words],
            always: Rules::none(needs.len()),
        };
        for (place, need) in needs.iter().enumerate() {
            let Some(opening) = need.gate() else {
                gates.always.add(place);
                continue;
            };
            for word in opening.numbers() {
                if let Some(rules) = gates.by_word.get_mut(word) {
                    rules.add(place);
                }
            }
        }
        gates
    }

    /// Places of the rules that may match a text with these words, in order.
    pub(super) fn opened_by(&self, held: &Held) -> impl Iterator<Item = usize> + use<> {
        let mut opened = self.always.clone();
        for word in held.numbers() {
            if let Some(rules) = self.by_word.get(word) {
                opened.join(rules);
            }
        }
        let blocks = opened.0.into_iter().enumerate();
        blocks.flat_map(|(block, bits)| ones(bits).map(move |bit| block * Rules::BLOCK + bit))
    }
}

/// Places of the bits that are set.
pub(super) fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (place < 64).then_some(place as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::needs::{Words, parsed},
        *,
    };

    #[test]
    fn a_text_opens_the_rules_that_it_can_match() {
        let mut words = Words::default();
        let patterns = [
            "lost(?: my)? keys",
            "(?:a|b)",
            "phone|mobile",
            "lost and found",
        ];
        let needs: Vec<Need> = patterns
            .iter()
            .map(|pattern| words.of(&parsed(pattern).unwrap()))
            .collect();
        let number = words.len();
        let finder = words.finder().unwrap();
        let gates = Gates::of(&needs.iter().collect::<Vec<_>>(), number);
        let opened = |text: &str| gates.opened_by(&finder.held(text)).collect::<Vec<_>>();
        assert_eq!(opened("nothing"), [1]);
        assert_eq!(opened("a mobile"), [1, 2]);
        assert!(opened("lost and found keys").contains(&3));
        for text in ["i lost my keys", "lost and found", "my mobile"] {
            for (place, need) in needs.iter().enumerate() {
                let held = finder.held(text);
                assert!(
                    !held.fulfils(need) || opened(text).contains(&place),
                    "{text}"
                );
            }
        }
    }
}
