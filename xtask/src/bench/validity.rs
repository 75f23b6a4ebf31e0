//! `cargo xtask bench validity`: whether memory says rightly what was true when, of histories told
//! as notes; and how much of it the local extractor gets from the same histories told in words.

use std::{collections::BTreeMap, process::ExitCode, sync::Arc};

use clap::Args;
use innerworld_core::memory::store::EntityExtractor;
use innerworld_language::{LocalExtractor, embed::StaticEncoder};
use innerworld_testkit::histories::{self, Category, History};
use serde::Serialize;

use crate::process::say;

/// Ask histories what was true when: told as notes, and told in words
#[derive(Debug, Args)]
pub(crate) struct Validity {
    /// Print the questions that the extractor's reading answers otherwise
    #[arg(long)]
    show: bool,
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
}

/// Questions of some histories.
#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Row {
    histories: usize,
    questions: usize,
    /// Right, told as notes.
    notes: usize,
    /// Right, told in words.
    words: usize,
}

#[derive(Debug, Default, Serialize)]
struct Figures {
    all: Row,
    categories: BTreeMap<Category, Row>,
    /// Orders of arrival that were tried besides the histories' own.
    orders: usize,
}

impl Validity {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let extractor: Arc<dyn EntityExtractor> =
            Arc::new(LocalExtractor::new(Arc::new(StaticEncoder::shipped()?))?);
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let mut figures = Figures::default();
        let mut failed = false;
        for (name, history) in histories::all() {
            let (wrong, orders) = runtime.block_on(history.check());
            let told = runtime.block_on(history.tell(extractor.clone()));
            for one in &wrong {
                say(&format!("{name}: {one}"));
            }
            if self.show {
                for one in &told.wrong {
                    say(&format!("{name}, in words: {one}"));
                }
            }
            failed |= !wrong.is_empty();
            figures.orders += orders;
            figures.add(&history, wrong.len(), told.wrong.len());
        }
        figures.print();
        if self.json {
            say(&serde_json::to_string(&figures)?);
        }
        if failed {
            say("FAILED: told as notes, every question must be answered rightly");
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Figures {
    fn add(&mut self, history: &History, wrong: usize, wrong_in_words: usize) {
        let questions = history.questions();
        for row in [
            &mut self.all,
            self.categories.entry(history.category).or_default(),
        ] {
            row.histories += 1;
            row.questions += questions;
            row.notes += questions.saturating_sub(wrong);
            row.words += questions.saturating_sub(wrong_in_words);
        }
    }

    fn print(&self) {
        say("                histories  questions  notes  words");
        for (category, row) in &self.categories {
            row.print(category.name());
        }
        self.all.print("all");
        say(&format!(
            "told as notes: {} of {}; told in words: {} of {} (local extractor)",
            self.all.notes, self.all.questions, self.all.words, self.all.questions
        ));
        say(&format!(
            "{} further orders of arrival; every session twice, and read again",
            self.orders
        ));
    }
}

impl Row {
    fn print(&self, name: &str) {
        say(&format!(
            "{name:15} {:9} {:10} {:6} {:6}",
            self.histories, self.questions, self.notes, self.words
        ));
    }
}
