//! All rows of all rules as one automaton over words (Glushkov's construction: a state is a place of
//! a row), with an index of the words that a row can begin with.

use std::collections::HashMap;

use innerworld_core::safety::{Category, screen::OutputClass};

use super::{
    reading::Word,
    row::{Node, Symbol},
};

/// A place of a row.
pub(super) type Place = u32;

/// A word as the automaton knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// `None` for a word of no rule.
    pub(super) word: Option<u32>,
    pub(super) number: bool,
}

#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts about a place that do not depend on each other"
)]
struct State {
    words: Vec<u32>,
    number: bool,
    any: bool,
    /// It ends its row.
    last: bool,
    /// Its row begins a clause.
    first_of_clause: bool,
    rule: u32,
    follow: Vec<Place>,
}

/// A row or several outside of the index: what cancels a match.
#[derive(Debug, Default)]
pub(super) struct Unless {
    first: Vec<Place>,
}

/// A rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) class: OutputClass,
    pub(super) about: Option<Category>,
    /// In the same clause, right before the match.
    pub(super) before: Unless,
    /// Anywhere before the match in its sentence.
    pub(super) earlier: Unless,
    /// In the same sentence, right after the match.
    pub(super) after: Unless,
}

/// All rules.
#[derive(Debug, Default)]
pub(super) struct Automaton {
    vocabulary: HashMap<String, u32>,
    states: Vec<State>,
    by_word: HashMap<u32, Vec<Place>>,
    by_number: Vec<Place>,
    pub(super) rules: Vec<Rule>,
    longest_word: usize,
}

/// What a part of a row can begin and end with.
struct Ends {
    empty: bool,
    first: Vec<Place>,
    last: Vec<Place>,
}

impl Unless {
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }
}

impl Automaton {
    /// Adds a rule that no row leads to yet.
    pub(super) fn add_rule(&mut self, rule: Rule) -> u32 {
        self.rules.push(rule);
        u32::try_from(self.rules.len() - 1).unwrap_or(u32::MAX)
    }

    /// Adds a row that hits `rule`; `false` if it could begin with any word.
    pub(super) fn add_row(&mut self, rule: u32, (first_of_clause, node): &(bool, Node)) -> bool {
        let first = self.build(rule, node);
        for place in first {
            let Some(state) = self.states.get_mut(place as usize) else {
                continue;
            };
            if state.any {
                return false;
            }
            state.first_of_clause = *first_of_clause;
            if state.number {
                self.by_number.push(place);
            }
            for word in &state.words {
                self.by_word.entry(*word).or_default().push(place);
            }
        }
        true
    }

    /// Rows that cancel.
    pub(super) fn unless(&mut self, nodes: &[(bool, Node)]) -> Unless {
        let first = nodes.iter().flat_map(|(_, node)| self.build(0, node));
        Unless {
            first: first.collect(),
        }
    }

    fn build(&mut self, rule: u32, node: &Node) -> Vec<Place> {
        let ends = self.ends(rule, node);
        for place in ends.last {
            if let Some(state) = self.states.get_mut(place as usize) {
                state.last = true;
            }
        }
        ends.first
    }

    fn ends(&mut self, rule: u32, node: &Node) -> Ends {
        match node {
            Node::One(symbols) => {
                let place = self.state(rule, symbols);
                Ends {
                    empty: false,
                    first: vec![place],
                    last: vec![place],
                }
            }
            Node::Optional(inner) => Ends {
                empty: true,
                ..self.ends(rule, inner)
            },
            Node::Choice(nodes) => {
                let mut all = Ends {
                    empty: false,
                    first: Vec::new(),
                    last: Vec::new(),
                };
                for node in nodes {
                    let ends = self.ends(rule, node);
                    all.empty |= ends.empty;
                    all.first.extend(ends.first);
                    all.last.extend(ends.last);
                }
                all
            }
            Node::Row(nodes) => self.row_ends(rule, nodes),
        }
    }

    fn row_ends(&mut self, rule: u32, nodes: &[Node]) -> Ends {
        let mut row = Ends {
            empty: true,
            first: Vec::new(),
            last: Vec::new(),
        };
        for node in nodes {
            let next = self.ends(rule, node);
            for place in &row.last {
                if let Some(state) = self.states.get_mut(*place as usize) {
                    state.follow.extend(&next.first);
                }
            }
            if row.empty {
                row.first.extend(&next.first);
            }
            if next.empty {
                row.last.extend(next.last);
            } else {
                row.last = next.last;
            }
            row.empty &= next.empty;
        }
        row
    }

    fn state(&mut self, rule: u32, symbols: &[Symbol]) -> Place {
        let mut state = State {
            rule,
            ..State::default()
        };
        for symbol in symbols {
            match symbol {
                Symbol::Number => state.number = true,
                Symbol::Any => state.any = true,
                Symbol::Word(word) => {
                    let next = u32::try_from(self.vocabulary.len()).unwrap_or(u32::MAX);
                    state
                        .words
                        .push(*self.vocabulary.entry(word.clone()).or_insert(next));
                    self.longest_word = self.longest_word.max(word.len());
                }
            }
        }
        state.words.sort_unstable();
        self.states.push(state);
        u32::try_from(self.states.len() - 1).unwrap_or(u32::MAX)
    }

    /// Places of all rows.
    pub(super) const fn len(&self) -> usize {
        self.states.len()
    }

    pub(super) fn token(&self, word: &Word) -> Token {
        Token {
            word: self.word(&word.text),
            number: word.is_number(),
        }
    }

    /// The word of these letters, if a rule has it.
    pub(super) fn word(&self, letters: &str) -> Option<u32> {
        self.vocabulary.get(letters).copied()
    }

    /// Bytes of the longest word of a rule.
    pub(super) const fn longest_word(&self) -> usize {
        self.longest_word
    }

    /// Places that a row can begin at with this word.
    pub(super) fn beginning(&self, token: Token) -> impl Iterator<Item = Place> {
        let by_word = token.word.and_then(|word| self.by_word.get(&word));
        let by_number = token.number.then_some(&self.by_number);
        by_word.into_iter().chain(by_number).flatten().copied()
    }

    /// Places after `place` that take this word.
    pub(super) fn after(&self, place: Place, token: Token) -> impl Iterator<Item = Place> {
        let follow = self.states.get(place as usize).map(|state| &state.follow);
        self.taking(follow, token)
    }

    /// First places of rows that cancel, with this word.
    pub(super) fn first<'a>(
        &'a self,
        unless: &'a Unless,
        token: Token,
    ) -> impl Iterator<Item = Place> + 'a {
        self.taking(Some(&unless.first), token)
    }

    fn taking<'a>(
        &'a self,
        places: Option<&'a Vec<Place>>,
        token: Token,
    ) -> impl Iterator<Item = Place> + 'a {
        let places = places.into_iter().flatten().copied();
        places.filter(move |place| {
            self.states.get(*place as usize).is_some_and(|state| {
                let word = |word: u32| state.words.binary_search(&word).is_ok();
                state.any || (state.number && token.number) || token.word.is_some_and(word)
            })
        })
    }

    /// Whether a row ends here.
    pub(super) fn is_last(&self, place: Place) -> bool {
        self.states
            .get(place as usize)
            .is_some_and(|state| state.last)
    }

    /// Whether a row that begins here must begin a clause.
    pub(super) fn begins_clause(&self, place: Place) -> bool {
        let state = self.states.get(place as usize);
        state.is_some_and(|state| state.first_of_clause)
    }

    pub(super) fn rule_of(&self, place: Place) -> u32 {
        self.states
            .get(place as usize)
            .map_or(0, |state| state.rule)
    }
}
