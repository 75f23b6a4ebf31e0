//! `cargo xtask bench safety`: the scorecard of the local safety tier.

mod disguises;
mod output;
mod page;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Args;
use innerworld_core::safety::screen::{Before, LocalScreen as _, LocalVerdict};
use innerworld_language::{
    asset,
    safety::{Measure, Measured, RiskScreen, Share, Truth},
    train::{CorpusLine, Label},
};

use self::{disguises::Disguise, output::Output};
use super::{recall::conversations, screen::of_conversations, timed};
use crate::{process::say, train, workspace::root};

/// Where the scorecard is.
pub(super) const PAGE: &str = "docs/reference/safety-scorecard.md";
/// What was found when the blind messages were opened, a line each time.
const OPENINGS: &str = "safety/blind-openings.jsonl";
/// Messages that are timed, and their bytes.
const TIMED: usize = 2_000;
const SIZES: [usize; 2] = [2 * 1024, 10 * 1024];

/// Measure the local safety tier; the blind messages are not opened
#[derive(Debug, Args)]
pub(crate) struct Safety {
    /// Ordinary conversations in the format of the `LoCoMo` data set
    data: Option<PathBuf>,
    /// Only the output filter; `--write` then renews only its part of the scorecard
    #[arg(long)]
    output: bool,
    /// Write the scorecard into docs/reference/safety-scorecard.md
    #[arg(long)]
    write: bool,
}

/// All figures.
struct Scorecard {
    version: String,
    /// From the header of the scorer: what was measured when it was trained.
    trained: BTreeMap<String, String>,
    conversations: Option<Measure>,
    scripted: Measure,
    disguised: Vec<(&'static str, Share)>,
    /// Bytes, microseconds of the middle and of the slowest hundredth.
    times: Vec<(usize, f64, f64)>,
    openings: Vec<serde_json::Value>,
    /// What `bench crisis` found last.
    crisis: Option<String>,
    output: Output,
}

impl Safety {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if self.output {
            let mut text = String::new();
            Output::measure()?.markdown(&mut text);
            say(&text);
            if self.write {
                let path = root().join(PAGE);
                let page =
                    fs::read_to_string(&path).with_context(|| format!("could not read {PAGE}"))?;
                let before = page.split(output::HEADING).next().unwrap_or_default();
                fs::write(&path, format!("{}\n{text}", before.trim_end()))
                    .with_context(|| format!("could not write {PAGE}"))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        let screen = RiskScreen::shipped()?;
        screen.compile()?;
        let corpus = train::safety::corpus()?;
        let card = Scorecard {
            version: screen.version().to_owned(),
            trained: trained()?,
            conversations: self
                .data
                .as_ref()
                .map(|data| talk(&screen, data))
                .transpose()?,
            scripted: scripted(&screen, &corpus),
            disguised: disguised(&screen, &corpus),
            times: SIZES.map(|size| times(&screen, &corpus, size)).into(),
            openings: openings()?,
            crisis: super::crisis::last_section()?,
            output: Output::measure()?,
        };
        let text = card.markdown();
        say(&text);
        if self.write {
            fs::write(root().join(PAGE), &text)
                .with_context(|| format!("could not write {PAGE}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn trained() -> anyhow::Result<BTreeMap<String, String>> {
    let shipped = asset::shipped()?;
    let scorer = shipped
        .into_iter()
        .find(|asset| asset.header.name == "safety");
    Ok(scorer
        .context("the program carries no scorer")?
        .header
        .figures)
}

/// Every message of recorded conversations, in which nobody is in danger.
fn talk(screen: &RiskScreen, data: &Path) -> anyhow::Result<Measure> {
    let turns = of_conversations(&conversations::read(data)?).into_iter();
    let messages: Vec<Measured> = turns
        .map(|turn| Measured {
            text: turn.text,
            label: Truth::Benign,
            category: None,
            explicit: None,
            session: turn.session,
        })
        .collect();
    Ok(Measure::of(screen, &messages))
}

/// The scripted conversations that the scorer learnt from.
fn scripted(screen: &RiskScreen, corpus: &[CorpusLine]) -> Measure {
    let lines = corpus.iter().filter(|line| line.session.is_some());
    let messages: Vec<Measured> = lines
        .map(|line| Measured {
            text: line.text.clone(),
            label: match line.label {
                Label::Risk => Truth::Risk,
                Label::Benign => Truth::Benign,
            },
            category: line.category.map(|category| category.name().to_owned()),
            explicit: Some(line.explicit),
            session: line.session.clone(),
        })
        .collect();
    Measure::of(screen, &messages)
}

/// Of the English messages on which a phrase triggers, those on which one still does in each disguise.
fn disguised(screen: &RiskScreen, corpus: &[CorpusLine]) -> Vec<(&'static str, Share)> {
    let triggers = |text: &str| {
        let verdict = screen.screen(&screen.read(text), &Before::default());
        matches!(verdict, LocalVerdict::Trigger { .. })
    };
    let english = corpus
        .iter()
        .filter(|line| line.lang == "en" && line.session.is_none());
    let plain: Vec<&str> = english
        .filter(|line| line.label == Label::Risk)
        .map(|line| line.text.as_str())
        .filter(|text| triggers(text))
        .collect();
    let share = |disguise: &Disguise| {
        let found = plain.iter().filter(|text| triggers(&disguise.wear(text)));
        (disguise.name(), Share::of(found.count(), plain.len()))
    };
    Disguise::ALL.iter().map(share).collect()
}

/// Texts of this size, of messages one after another.
fn times(screen: &RiskScreen, corpus: &[CorpusLine], size: usize) -> (usize, f64, f64) {
    let mut words = corpus.iter().map(|line| line.text.as_str()).cycle();
    let mut text = || {
        let mut text = String::new();
        while text.len() < size {
            text.push_str(words.next().unwrap_or("a"));
            text.push(' ');
        }
        let mut end = size;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text
    };
    let mut taken: Vec<f64> = (0..TIMED)
        .map(|_| {
            let text = text();
            timed(|| screen.screen(&screen.read(&text), &Before::default())).1
        })
        .collect();
    taken.sort_by(f64::total_cmp);
    let at = |hundredths: usize| {
        taken
            .get(taken.len() * hundredths / 100)
            .copied()
            .unwrap_or_default()
    };
    (size, at(50), at(99))
}

fn openings() -> anyhow::Result<Vec<serde_json::Value>> {
    let path = root().join(OPENINGS);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&path).with_context(|| format!("could not read {OPENINGS}"))?;
    let lines = text.lines().filter(|line| !line.is_empty());
    Ok(lines.map(serde_json::from_str).collect::<Result<_, _>>()?)
}
