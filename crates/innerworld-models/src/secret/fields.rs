//! Names of fields: what may be told of a secret.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

/// What stands for the name of a field that may be a key put in the wrong place.
const UNNAMED: &str = "one with an unusual name";

/// Names of the fields of a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Those that a reader looks at.
    pub known: Vec<String>,
    /// Those that no reader looks at. A name that could be a key put in the wrong place is not
    /// repeated.
    pub unknown: Vec<String>,
}

impl Fields {
    /// Those of an object, told with `before` in front.
    pub(super) fn of(found: &Names, known: &[&str], before: &str) -> Self {
        let (known, unknown): (Vec<_>, Vec<_>) = found
            .0
            .iter()
            .map(String::as_str)
            .partition(|name| known.contains(name));
        let placed = |name: &str| format!("{before}{name}");
        Self {
            known: known.into_iter().map(placed).collect(),
            unknown: unknown.into_iter().map(sayable).map(placed).collect(),
        }
    }

    /// With those of another object behind them.
    pub(super) fn join(&mut self, other: Self) {
        self.known.extend(other.known);
        self.unknown.extend(other.unknown);
    }
}

fn sayable(name: &str) -> &str {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let may_be_said = name.len() <= 32 && name.bytes().all(is_word);
    if may_be_said { name } else { UNNAMED }
}

/// Names of an object's fields. Values are passed over, never kept.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = BTreeSet::new();
                while let Some((name, _passed_over)) = map.next_entry::<String, IgnoredAny>()? {
                    names.insert(name);
                }
                Ok(Names(names))
            }
        }
        deserializer.deserialize_map(Reading)
    }
}
