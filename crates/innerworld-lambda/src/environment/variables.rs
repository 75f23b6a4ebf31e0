//! Variables of a process, and what was wrong with them.

use std::{collections::BTreeMap, fmt, time::Duration};

/// What stands for an empty list: an empty variable is a forgotten one.
const NONE: &str = "none";

/// A function cannot start with what it was told. Names only: a value may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("set these environment variables: {}", .0.join("; "))]
pub struct InvalidEnvironment(Vec<String>);

/// All variables of a process.
pub struct Variables {
    all: BTreeMap<String, String>,
    problems: Vec<String>,
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variables")
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

impl Variables {
    /// These variables.
    pub fn new(all: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            all: all.into_iter().collect(),
            problems: Vec::new(),
        }
    }

    /// A text that must be there.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        let found = self.optional(name);
        if found.is_none() {
            let how = if self.all.contains_key(name) {
                "is empty"
            } else {
                "is missing"
            };
            self.problems.push(format!("{name} {how}"));
        }
        found
    }

    /// A text that may be absent.
    pub fn optional(&self, name: &str) -> Option<String> {
        let found = self.all.get(name).filter(|value| !value.is_empty());
        found.cloned()
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        let text = self.text(name)?;
        let flag = text.parse();
        if flag.is_err() {
            self.problems.push(format!("{name} must be true or false"));
        }
        flag.ok()
    }

    /// A whole number of milliseconds, up to a minute.
    pub fn milliseconds(&mut self, name: &'static str) -> Option<Duration> {
        let text = self.text(name)?;
        let millis = text
            .parse()
            .ok()
            .filter(|millis| (1..=60_000).contains(millis));
        if millis.is_none() {
            self.problems.push(format!(
                "{name} must be a number of milliseconds, 1 to 60000"
            ));
        }
        millis.map(Duration::from_millis)
    }

    /// A whole number of days, up to a year.
    pub fn days(&mut self, name: &'static str) -> Option<u32> {
        let text = self.text(name)?;
        let days = text.parse().ok().filter(|days| (1..=365).contains(days));
        if days.is_none() {
            let problem = format!("{name} must be a number of days, 1 to 365");
            self.problems.push(problem);
        }
        days
    }

    /// Texts with commas between them; `none` is no text.
    pub fn list(&mut self, name: &'static str) -> Option<Vec<String>> {
        let text = self.text(name)?;
        if text == NONE {
            return Some(Vec::new());
        }
        let parts = text.split(',').map(str::trim);
        Some(
            parts
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// A value that was made of the variable `name`.
    pub fn valid<T, E: fmt::Display>(&mut self, name: &str, made: Result<T, E>) -> Option<T> {
        made.map_err(|error| self.problems.push(format!("{name}: {error}")))
            .ok()
    }

    /// What was read, if nothing was wrong.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, InvalidEnvironment> {
        match read {
            Some(read) if self.problems.is_empty() => Ok(read),
            _ => Err(InvalidEnvironment(self.problems)),
        }
    }
}
