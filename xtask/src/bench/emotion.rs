//! `cargo xtask bench emotion`: how well the emotion model agrees with people.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, ensure};
use clap::Args;
use innerworld_core::persona::card::EMOTIONS;
use innerworld_language::{
    emotion::EmotionModel,
    train::{Labelled, read_labelled},
};
use serde::Serialize;

use super::{
    figure, page,
    tally::{Scores, Tally},
    timed,
};
use crate::process::say;

/// What the model must reach on texts that it was not trained on.
pub(crate) const MACRO_F1: f64 = 0.58;

/// Compare the emotion model with labelled texts
#[derive(Debug, Args)]
pub(crate) struct Emotion {
    /// Texts: a line each, text, tab, class numbers (0 anger, 1 disgust, 2 fear, 3 joy, 4 neutral,
    /// 5 sadness, 6 surprise) with commas between them
    data: PathBuf,
    /// Write the figures into `benches/emotion.md`, below this heading
    #[arg(long, value_name = "HEADING")]
    write: Option<String>,
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Figures {
    texts: usize,
    macro_f1: f64,
    micro_f1: f64,
    classes: Vec<(&'static str, Scores)>,
    texts_per_s: f64,
}

impl Emotion {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let figures = measure(&self.data)?;
        figures.print();
        if let Some(heading) = &self.write {
            page::write("emotion.md", heading, &figures.rows())?;
        }
        if self.json {
            say(&serde_json::to_string(&figures)?);
        }
        if figures.macro_f1 < MACRO_F1 {
            say(&format!("FAILED: macro F1 must be at least {MACRO_F1}"));
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The macro F1 on the labelled texts of a file.
pub(crate) fn macro_f1(path: &Path) -> anyhow::Result<f64> {
    let figures = measure(path)?;
    figures.print();
    Ok(figures.macro_f1)
}

fn measure(path: &Path) -> anyhow::Result<Figures> {
    let content =
        fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let texts = read_labelled(&content)?;
    ensure!(!texts.is_empty(), "{} holds no text", path.display());
    Ok(Figures::of(&EmotionModel::shipped()?, &texts))
}

impl Figures {
    fn of(model: &EmotionModel, texts: &[Labelled]) -> Self {
        let mut tallies = [Tally::default(); EMOTIONS.len()];
        let mut us = 0.0;
        for text in texts {
            let (probabilities, took) = timed(|| model.probabilities(&text.text));
            us += took;
            let said = probabilities.iter().zip(model.thresholds());
            let judged = said.zip(text.classes).zip(&mut tallies);
            for (((probability, threshold), gold), tally) in judged {
                let said = probability >= threshold;
                tally.said += usize::from(said);
                tally.gold += usize::from(gold);
                tally.hits += usize::from(said && gold);
            }
        }
        let mut all = Tally::default();
        for tally in &tallies {
            all += *tally;
        }
        let classes: Vec<_> = EMOTIONS
            .into_iter()
            .zip(tallies.map(Tally::scores))
            .collect();
        Self {
            texts: texts.len(),
            macro_f1: classes.iter().map(|(_, scores)| scores.f1).sum::<f64>()
                / figure(EMOTIONS.len()),
            micro_f1: all.scores().f1,
            classes,
            texts_per_s: figure(texts.len()) * 1e6 / us.max(1.0),
        }
    }

    fn rows(&self) -> Vec<page::Row> {
        let of = |class: &str, scores: &Scores| {
            let Scores {
                precision,
                recall,
                f1,
            } = scores;
            let cells = [precision, recall, f1].map(|score| format!("{score:.3}"));
            (class.to_owned(), cells.into())
        };
        let classes = self.classes.iter().map(|(class, scores)| of(class, scores));
        let mean = |name: &str, f1| {
            (
                name.to_owned(),
                vec![String::new(), String::new(), format!("{f1:.3}")],
            )
        };
        classes
            .chain([mean("macro", self.macro_f1), mean("micro", self.micro_f1)])
            .collect()
    }

    fn print(&self) {
        say(&format!(
            "{} texts, {:.0} a second",
            self.texts, self.texts_per_s
        ));
        say("            precision  recall     F1");
        for (class, scores) in &self.classes {
            say(&format!(
                "  {class:9} {:9.3} {:7.3} {:6.3}",
                scores.precision, scores.recall, scores.f1
            ));
        }
        say(&format!(
            "macro F1 {:.3} (at least {MACRO_F1}), micro F1 {:.3}",
            self.macro_f1, self.micro_f1
        ));
    }
}
