//! Replacing what was found.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use innerworld_core::model::call::Scrubber;
use regex::Regex;

use super::{Class, folded::Folded, locate};
use crate::pattern::fixed;

static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"\[([a-z]{2,10})(?:-([0-9]{1,6}))?\]"));

/// Replaces contact and identity data: `[email]` for the first address, `[email-2]` for the next
/// other one. The same address has the same placeholder within one text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scrub;

impl Scrub {
    /// The scrubber; it has no settings.
    pub const fn new() -> Self {
        Self
    }
}

impl Scrubber for Scrub {
    fn scrub(&self, text: &str) -> String {
        let found = locate(&Folded::new(text));
        if found.is_empty() {
            return text.to_owned();
        }
        let mut numbers = Numbers::after_those_in(text);
        let mut scrubbed = String::with_capacity(text.len());
        let mut copied = 0;
        for item in found {
            let Some(kept) = text.get(copied..item.original.start) else {
                continue;
            };
            scrubbed.push_str(kept);
            scrubbed.push_str(&numbers.placeholder(item.original.class, item.key));
            copied = item.original.end;
        }
        scrubbed.push_str(text.get(copied..).unwrap_or_default());
        scrubbed
    }
}

/// Numbers of the placeholders of one text.
struct Numbers {
    last: BTreeMap<String, u32>,
    known: HashMap<(Class, String), u32>,
}

impl Numbers {
    /// A text that was scrubbed before may get new words: its placeholders keep their meaning.
    fn after_those_in(text: &str) -> Self {
        let mut last = BTreeMap::new();
        for found in PLACEHOLDER.captures_iter(text) {
            let label = found.get(1).map_or("", |m| m.as_str());
            let number = found
                .get(2)
                .and_then(|m| m.as_str().parse().ok())
                .unwrap_or(1);
            let highest = last.entry(label.to_owned()).or_insert(0);
            *highest = number.max(*highest);
        }
        Self {
            last,
            known: HashMap::new(),
        }
    }

    fn placeholder(&mut self, class: Class, key: String) -> String {
        let last = &mut self.last;
        let number = *self.known.entry((class, key)).or_insert_with(|| {
            let highest = last.entry(class.label().to_owned()).or_insert(0);
            *highest += 1;
            *highest
        });
        match number {
            1 => format!("[{}]", class.label()),
            _ => format!("[{}-{number}]", class.label()),
        }
    }
}
