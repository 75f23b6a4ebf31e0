//! Where a value comes from: a file, standard input, or somebody who types it unseen.

use std::{
    io::{self, IsTerminal as _, Read as _},
    path::Path,
};

use anyhow::{Context as _, bail, ensure};
use innerworld_core::secret::Secret;

use super::Which;
use crate::config::secrets;

/// The longest value of a secret that the service takes.
const MAX_BYTES: u64 = 64 * 1024;

/// A value as it came, without blanks at its ends.
pub(super) struct Value {
    /// The text.
    pub(super) text: Secret,
    /// What should be looked at: a file that others can read.
    pub(super) warnings: Vec<String>,
}

/// Reads it from `from`, where `-` is standard input, or asks for it.
pub(super) fn value(from: Option<&Path>, which: Which) -> anyhow::Result<Value> {
    let mut warnings = Vec::new();
    let text = match from {
        Some(path) if path == Path::new("-") => piped()?,
        Some(path) => secrets::read(path, &mut warnings).map_err(anyhow::Error::msg)?,
        None => asked(which)?,
    };
    Ok(Value { text, warnings })
}

fn piped() -> anyhow::Result<Secret> {
    let mut bytes = Vec::new();
    let read = io::stdin()
        .lock()
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes);
    read.context("could not read standard input")?;
    let is_long = u64::try_from(bytes.len())? > MAX_BYTES;
    // The bytes become the text: no second copy stays behind.
    let text = String::from_utf8(bytes)
        .map(Secret::new)
        .map_err(|_quotes_the_key| anyhow::anyhow!("standard input is not UTF-8 text"))?;
    ensure!(!is_long, "standard input is too long for a secret");
    trimmed(&text)
}

fn asked(which: Which) -> anyhow::Result<Secret> {
    if !io::stdin().is_terminal() {
        bail!(
            "say where the value comes from: --from FILE, or --from - for standard input; it is \
             never an argument, which other users could see"
        );
    }
    let prompt = match which {
        Which::Model => "API key, or the JSON object on one line (not shown): ",
        Which::Apple => "JSON object on one line, with \\n for the key's line ends (not shown): ",
    };
    let typed = rpassword::prompt_password(prompt).map(Secret::new);
    trimmed(&typed.context("could not read the value")?)
}

fn trimmed(text: &Secret) -> anyhow::Result<Secret> {
    let inner = text.reveal().trim();
    ensure!(!inner.is_empty(), "there is no value: nothing was changed");
    Ok(Secret::new(inner.to_owned()))
}
