//! `cargo xtask near-copies`: messages that the scorer learns from and that are nearly one of those it is
//! measured with. Neither is ever shown.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Args;
use innerworld_core::memory::tokens::{each_word, is_stop_word};
use serde::Deserialize;

use crate::{process::say, train::safety::message_files, workspace::root};

/// Share of rows of three words that two messages may have in common.
const MOST_ALIKE: f64 = 0.5;
/// Content words that are equal in both only count from this number on: "ok thanks" is nobody's.
const FEWEST_WORDS: usize = 3;

/// Count invented messages that are nearly one of the blind ones, without showing either
#[derive(Debug, Args)]
pub(crate) struct NearCopies {
    /// Take them out of the files that are learnt from
    #[arg(long)]
    drop: bool,
}

#[derive(Deserialize)]
struct Line {
    text: String,
    /// Lines of a conversation stay: it would have a gap.
    #[serde(default)]
    session: Option<String>,
}

impl NearCopies {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let found = if self.drop { drop_them()? } else { count()? };
        let done = if self.drop { "taken out" } else { "there" };
        say(&format!("{found} near-copies {done}"));
        Ok(if found == 0 || self.drop {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// Takes near-copies out of their files; how many there were.
fn drop_them() -> anyhow::Result<usize> {
    let blind = Known::read(&root().join("tests/safety-blind"))?;
    let mut found = 0;
    for file in message_files(&root().join("safety/corpus"))? {
        let text = read(&file)?;
        let (copies, kept): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| blind.has_nearly(line));
        found += copies.len();
        let kept: String = kept.iter().flat_map(|line| [line, "\n"]).collect();
        if !copies.is_empty() {
            fs::write(&file, kept)
                .with_context(|| format!("could not write {}", file.display()))?;
        }
    }
    Ok(found)
}

/// How many near-copies there are.
fn count() -> anyhow::Result<usize> {
    let blind = Known::read(&root().join("tests/safety-blind"))?;
    let mut found = 0;
    for file in message_files(&root().join("safety/corpus"))? {
        found += read(&file)?
            .lines()
            .filter(|line| blind.has_nearly(line))
            .count();
    }
    Ok(found)
}

/// Messages to compare with.
struct Known {
    rows: Vec<BTreeSet<String>>,
    /// Numbers of the messages that have a row of words.
    holders: BTreeMap<String, Vec<usize>>,
    contents: BTreeSet<Vec<String>>,
}

impl Known {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut known = Self {
            rows: Vec::new(),
            holders: BTreeMap::new(),
            contents: BTreeSet::new(),
        };
        for file in message_files(folder)? {
            for line in read(&file)?.lines() {
                let line: Line =
                    serde_json::from_str(line).context("a blind line is no message")?;
                let rows = rows(&line.text);
                for row in &rows {
                    known
                        .holders
                        .entry(row.clone())
                        .or_default()
                        .push(known.rows.len());
                }
                known.rows.push(rows);
                known.contents.extend(content(&line.text));
            }
        }
        Ok(known)
    }

    fn has_nearly(&self, line: &str) -> bool {
        let Ok(line) = serde_json::from_str::<Line>(line) else {
            return false;
        };
        if line.session.is_some() {
            return false;
        }
        if content(&line.text).is_some_and(|words| self.contents.contains(&words)) {
            return true;
        }
        let own = rows(&line.text);
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for holder in own.iter().filter_map(|row| self.holders.get(row)).flatten() {
            *shared.entry(*holder).or_default() += 1;
        }
        shared.into_iter().any(|(holder, shared)| {
            let other = self.rows.get(holder).map_or(0, BTreeSet::len);
            alike(shared, own.len() + other - shared) >= MOST_ALIKE
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "messages are short")]
fn alike(shared: usize, all: usize) -> f64 {
    shared as f64 / all.max(1) as f64
}

/// Rows of three words; the whole of a shorter message.
fn rows(text: &str) -> BTreeSet<String> {
    let mut words = Vec::new();
    each_word(text, |word| words.push(word.to_owned()));
    if words.len() < 3 {
        return [words.join(" ")].into();
    }
    words.windows(3).map(|row| row.join(" ")).collect()
}

/// Different words that say something, in their order.
fn content(text: &str) -> Option<Vec<String>> {
    let mut words = BTreeSet::new();
    each_word(text, |word| {
        if !is_stop_word(word) {
            words.insert(word.to_owned());
        }
    });
    (words.len() >= FEWEST_WORDS).then(|| words.into_iter().collect())
}

fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_learnt_from_is_nearly_measured_with() {
        assert_eq!(count().unwrap(), 0);
    }

    #[test]
    fn half_of_the_rows_or_all_content_words_make_a_copy() {
        assert_eq!(rows("a b c d").len(), 2);
        assert_eq!(
            content("the dog of maya barks"),
            content("maya's dog barks, s")
        );
        assert_eq!(content("ok thanks"), None);
    }
}
