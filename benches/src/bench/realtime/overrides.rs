//! What the measured server is configured to do otherwise; it is printed before the run.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

/// Keys that differ from the shipped ones, and why.
const KEYS: &[(&str, &str, &str, &str)] = &[
    (
        "runtime",
        "answers",
        "false",
        "messages are screened, stored and acknowledged; the answer is not measured",
    ),
    (
        "limits",
        "frames_per_s",
        "1000000",
        "the generator is no teen",
    ),
    ("limits", "frames_burst", "1000000", "the same"),
    ("limits", "messages_burst", "1000000", "the same"),
    ("limits", "messages_per_min", "10000000", "the same"),
    (
        "limits",
        "handshakes_per_ip_min",
        "1000000",
        "all come from two addresses",
    ),
    (
        "limits",
        "daily_s",
        "86400",
        "nobody's day ends in the middle",
    ),
];

/// Writes the configuration file.
pub(super) fn write(folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.join("realtime.toml");
    let lines: Vec<String> = KEYS
        .iter()
        .map(|(section, key, value, _)| format!("{section}.{key} = {value}"))
        .collect();
    fs::write(&path, lines.join("\n"))
        .with_context(|| format!("{} could not be written", path.display()))?;
    Ok(path)
}

/// What is different from a server as it ships, for the person who reads the run.
pub(super) fn lines() -> Vec<String> {
    let mut lines = vec!["InnerWorld is configured for this run:".to_owned()];
    let keys = KEYS.iter();
    lines.extend(
        keys.map(|(section, key, value, why)| format!("  {section}.{key} = {value}  ({why})")),
    );
    lines
}
