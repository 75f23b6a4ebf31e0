//! The configuration of a replay: limits raised beyond what a teen could reach, and the scripted
//! model server. It is printed before the run.

use std::{fs, io::Write as _, net::SocketAddr, os::unix::fs::OpenOptionsExt as _, path::Path};

use anyhow::Context as _;

/// Limits that differ from the shipped ones, and why.
const LIMITS: &[(&str, u32, &str)] = &[
    (
        "messages_burst",
        10_000,
        "a recorded talk goes faster than typing",
    ),
    ("messages_per_min", 100_000, "the same"),
    ("frames_per_s", 10_000, "the same"),
    ("frames_burst", 10_000, "the same"),
    (
        "handshakes_per_teen_min",
        100_000,
        "a handshake after every cut",
    ),
    (
        "handshakes_per_ip_min",
        100_000,
        "all teens come from one address",
    ),
    ("daily_s", 86_400, "months of talk in one day"),
];

/// Writes the file, with `more` at its end, and the key that the scripted server does not check.
pub(crate) fn write(
    folder: &Path,
    upstream: SocketAddr,
    more: &str,
) -> anyhow::Result<std::path::PathBuf> {
    let key = folder.join("script.key");
    let mut options = fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&key)?;
    writeln!(file, "script")?;
    let path = folder.join("replay.toml");
    fs::write(&path, text(&key, upstream) + more)
        .with_context(|| format!("{} could not be written", path.display()))?;
    Ok(path)
}

/// What is different from a server as it ships, for the person who reads the run.
pub(crate) fn lines() -> Vec<String> {
    let mut lines = vec!["limits raised for this run:".to_owned()];
    let limits = LIMITS.iter();
    lines.extend(limits.map(|(key, value, why)| format!("  limits.{key} = {value}  ({why})")));
    lines.push("  extraction.enabled = false  (the script reads no sessions)".to_owned());
    lines.push("  safety.model.enabled = false  (nor does it take second looks)".to_owned());
    lines
}

fn text(key: &Path, upstream: SocketAddr) -> String {
    let limits: Vec<String> = LIMITS
        .iter()
        .map(|(key, value, _)| format!("{key} = {value}"))
        .collect();
    let limits = limits.join("\n");
    // A JSON string is also a TOML string.
    let key = serde_json::Value::from(key.to_string_lossy().into_owned());
    format!(
        "[limits]\n{limits}\n\n[[providers]]\nname = \"script\"\n\
         company = \"Script on this machine\"\nbase_url = \"http://{upstream}/v1\"\n\
         dialect = \"openai\"\nprivacy = \"contract\"\n\
         agreement = \"replay on this machine\"\nallow_private = true\n\
         api_key_file = {key}\nprimary = \"script\"\n\n\
         [extraction]\nenabled = false\n[safety.model]\nenabled = false\n"
    )
}
