//! The files of the safety side: those of the program, each replaced by the one of the same name in an
//! operator's folder. They are used as a whole or not at all.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail, ensure};
use innerworld_core::safety::{
    content::{Content, Files},
    desk::Desk,
};
use innerworld_engine::safeguards::Safeguards;
use innerworld_language::{
    output_screen::Screen,
    safety::{PhraseScreen, RiskScreen, Scorer},
    safety_files,
};
use jiff::civil::Date;

use super::shown;

/// Far above any of the files.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// The weights of the scorer, the one file that is no text.
const SCORER: &str = "safety.iwa";

/// What nobody serves in production by mistake.
pub(crate) const UNREVIEWED: &str =
    "no licensed clinician has reviewed the safety protocol in force";

/// Every file, read.
#[derive(Debug)]
pub(crate) struct SafetyFiles {
    files: Files,
    screen: Arc<RiskScreen>,
    output: Arc<Screen>,
    reviewed: bool,
}

impl SafetyFiles {
    /// Reads what `folder` replaces. Rules of an operator are tried on their examples here, once.
    pub(crate) fn read(folder: Option<&Path>) -> anyhow::Result<Self> {
        let mut files = safety_files::texts();
        let mut scorer = None;
        if let Some(folder) = folder {
            let known: Vec<String> = files.names().map(str::to_owned).collect();
            let found = below(folder, folder)?;
            ensure!(!found.is_empty(), "{} is empty", folder.display());
            for name in found {
                let path = folder.join(&name);
                let bytes = bytes(&path)?;
                if name == SCORER {
                    scorer = Some(bytes);
                } else if known.contains(&name) {
                    let text = String::from_utf8(bytes);
                    let text =
                        text.with_context(|| format!("{} is no UTF-8 text", path.display()))?;
                    files = files.with(name, text);
                } else {
                    bail!(
                        "{} is no file of the safety side: those are {}, {SCORER}",
                        path.display(),
                        known.join(", ")
                    );
                }
            }
        }
        let scorer = match scorer {
            Some(bytes) => Scorer::read(&bytes),
            None => Scorer::shipped(),
        }
        .context("the safety scorer could not be read")?;
        let files = safety_files::with_scorer(files, &scorer);
        let rules = now(&files, PhraseScreen::FILES);
        let phrases = if folder.is_some() {
            PhraseScreen::of_files(&rules)
        } else {
            PhraseScreen::shipped()
        };
        let phrases = phrases.context("the phrase rules could not be read")?;
        let content = content(&files)?;
        Ok(Self {
            screen: Arc::new(RiskScreen::new(phrases, scorer)),
            output: Arc::new(output(&files, &content)?),
            reviewed: content.is_reviewed(),
            files,
        })
    }

    /// The protocol with its texts, and its hash over all files.
    pub(crate) fn content(&self) -> anyhow::Result<Content> {
        content(&self.files)
    }

    /// Whether a licensed clinician reviewed exactly these files.
    pub(crate) const fn is_reviewed(&self) -> bool {
        self.reviewed
    }

    /// What looks at a teen's messages.
    pub(crate) fn screen(&self) -> Arc<RiskScreen> {
        Arc::clone(&self.screen)
    }

    /// All that the files make; `ledger` is the service key of that name.
    pub(crate) fn safeguards(&self, ledger: &[u8; 32], today: Date) -> anyhow::Result<Safeguards> {
        Ok(Safeguards {
            desk: Desk::new(self.content()?, ledger, self.screen(), today),
            output: Arc::clone(&self.output) as _,
        })
    }
}

/// The protocol with its texts, and its hash over all files.
fn content(files: &Files) -> anyhow::Result<Content> {
    Content::load(files).context("the safety protocol could not be read")
}

/// What looks at a persona's answers. The server's own texts must pass it.
fn output(files: &Files, content: &Content) -> anyhow::Result<Screen> {
    let contacts = content.allowed_contacts().into_iter().collect();
    let screen = Screen::of_files(&now(files, Screen::FILES), contacts)
        .context("the output rules could not be read")?;
    shown::check(files, &screen)?;
    Ok(screen)
}

/// The texts of these files, as they are now.
fn now<'a>(files: &'a Files, shipped: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let now = |name: &'a str, text: &'a str| (name, files.text(name).unwrap_or(text));
    shipped.iter().map(|(name, text)| now(name, text)).collect()
}

/// The files with those in `folder`, if every one of them can be used; `None` where no folder replaces
/// any.
pub(super) fn check(folder: Option<&Path>) -> anyhow::Result<Option<SafetyFiles>> {
    let Some(folder) = folder else {
        return Ok(None);
    };
    SafetyFiles::read(Some(folder)).map(Some)
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let unreadable = || format!("could not read {}", path.display());
    let length = fs::metadata(path).with_context(unreadable)?.len();
    ensure!(
        length <= MAX_BYTES,
        "{} is longer than {MAX_BYTES} bytes",
        path.display()
    );
    fs::read(path).with_context(unreadable)
}

/// Names of the files below `folder`, with `/` between folders.
fn below(root: &Path, folder: &Path) -> anyhow::Result<Vec<String>> {
    let unreadable = || format!("could not read {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let path: PathBuf = entry.with_context(unreadable)?.path();
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'))
        {
            continue;
        }
        if path.is_dir() && folder == root {
            found.extend(below(root, &path)?);
        } else {
            let parts = path.strip_prefix(root).unwrap_or(&path).components();
            let parts: Vec<String> = parts
                .map(|part| part.as_os_str().to_string_lossy().into_owned())
                .collect();
            found.push(parts.join("/"));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROTOCOL: &str = include_str!("../../../innerworld-core/safety/protocol.toml");
    const PHRASES: &str = include_str!("../../../innerworld-language/safety/phrases.es.toml");
    const SCORER_BYTES: &[u8] = include_bytes!("../../../innerworld-language/assets/safety.iwa");

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    fn version(folder: Option<&Path>) -> String {
        let files = SafetyFiles::read(folder).unwrap();
        files.content().unwrap().protocol_version
    }

    #[test]
    fn t17_every_byte_of_every_file_is_part_of_the_published_hash() {
        let own = version(None);
        assert_eq!(
            own,
            version(Some(
                folder(&[("protocol.toml", PROTOCOL.as_bytes())]).path()
            ))
        );
        for (name, text) in [("protocol.toml", PROTOCOL), ("phrases.es.toml", PHRASES)] {
            let changed = format!("{text}\n# changed\n");
            let folder = folder(&[(name, changed.as_bytes())]);
            assert_ne!(own, version(Some(folder.path())), "{name}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let mut damaged = SCORER_BYTES.to_vec();
        *damaged.last_mut().unwrap() ^= 1;
        for (name, bytes, said) in [
            (
                "protocl.toml",
                PROTOCOL.as_bytes(),
                "protocl.toml is no file of the safety side",
            ),
            ("protocol.toml", b"title = 1".as_slice(), "protocol.toml"),
            ("phrases.en.toml", b"rule = 1".as_slice(), "phrases.en.toml"),
            ("output.en.toml", b"[replace]".as_slice(), "output.en.toml"),
            ("means.txt", b"fr x".as_slice(), "unknown word <means>"),
            ("texts", b"".as_slice(), "no file of the safety side"),
            (
                "safety.iwa",
                damaged.as_slice(),
                "the safety scorer could not be read",
            ),
            ("resources.json", &[0xff], "no UTF-8"),
        ] {
            let folder = folder(&[(name, bytes)]);
            let error = check(Some(folder.path())).unwrap_err();
            assert!(format!("{error:#}").contains(said), "{name}: {error:#}");
        }
        let empty = folder(&[]);
        assert!(check(Some(empty.path())).is_err());
        assert!(check(Some(Path::new("/nowhere/at/all"))).is_err());
    }

    #[test]
    fn a_text_that_no_answer_could_have_is_refused() {
        const TEXTS: &str = include_str!("../../../innerworld-core/safety/texts/en.toml");
        let changed = |to: &str| {
            let from = "How are you now?";
            assert!(TEXTS.contains(from));
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("texts")).unwrap();
            fs::write(folder.path().join("texts/en.toml"), TEXTS.replace(from, to)).unwrap();
            format!("{:#}", check(Some(folder.path())).unwrap_err())
        };
        let stopped = changed("I missed you.");
        assert!(
            stopped.contains("texts/en.toml") && stopped.contains("manipulation"),
            "{stopped}"
        );
        assert!(changed("Call 555-010-2345.").contains("resources.json"));
    }

    #[test]
    fn a_rule_of_an_operator_must_agree_with_its_examples() {
        let folder = folder(&[("phrases.es.toml", PHRASES.as_bytes())]);
        let files = check(Some(folder.path())).unwrap().unwrap();
        // Trying them takes seconds: whoever asks gets the screen that was tried.
        assert!(Arc::ptr_eq(&files.screen(), &files.screen()));
    }
}
