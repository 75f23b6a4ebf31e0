//! What is wrong with a configuration, and where.

use std::{fmt, path::PathBuf};

use serde::Serialize;

/// One mistake: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Mistake {
    /// The configuration file, for a mistake in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<PathBuf>,
    /// Line in that file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<usize>,
    /// The environment variable or flag, for a mistake in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) variable: Option<String>,
    /// The dotted key, where one is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// What is wrong. Never a value: it may be a secret at the wrong place.
    pub(crate) message: String,
}

impl Mistake {
    /// A mistake of `key` that has no place yet.
    pub(crate) fn of(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: None,
            line: None,
            variable: None,
            key: Some(key.into()),
            message: message.into(),
        }
    }

    /// A mistake of a variable or flag.
    pub(crate) fn of_variable(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            variable: Some(name.into()),
            key: None,
            ..Self::of("", message)
        }
    }

    /// The same mistake, at this line of this file.
    #[must_use]
    pub(crate) fn at(mut self, file: &std::path::Path, line: Option<usize>) -> Self {
        self.file = Some(file.to_owned());
        self.line = line;
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}:", file.display())?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            f.write_str(" ")?;
        }
        if let Some(variable) = &self.variable {
            write!(f, "{variable}: ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "`{key}`: ")?;
        }
        f.write_str(&self.message)
    }
}

/// All mistakes of a configuration; never empty when it is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mistakes(pub(crate) Vec<Mistake>);

impl Mistakes {
    /// Adds a mistake of `key`.
    pub(crate) fn add(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.0.push(Mistake::of(key, message));
    }

    /// `Err` if there is any.
    pub(crate) fn check(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration has mistakes")?;
        for mistake in &self.0 {
            write!(f, "\n  {mistake}")?;
        }
        f.write_str(
            "\nAll keys: docs/reference/configuration.md; check with `innerworld check-config`.",
        )
    }
}

impl std::error::Error for Mistakes {}
