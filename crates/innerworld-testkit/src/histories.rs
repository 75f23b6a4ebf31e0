//! Histories of teens as data, and what memory says of them afterwards.
//!
//! A history is a row of sessions. Every line of it is told twice: in the teen's words, and as what
//! a careful reader would note down (things, facts, dates). The notes go through the product's own
//! use cases, with an extractor that knows them by heart; so [`History::check`] judges folding,
//! intervals and views, and nothing else. [`History::tell`] gives the words to a real extractor.
//!
//! The files are in `tests/histories`; their README says how one is written.

mod answers;
mod form;
mod notes;
mod orders;
mod teller;

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use innerworld_core::memory::store::EntityExtractor;

use self::{
    notes::Notes,
    orders::orders,
    teller::{Step, Teller},
};

pub use self::form::{Category, History};

/// The histories of this repository, by the names of their files. Panics at one that cannot be read.
pub fn all() -> BTreeMap<String, History> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/histories");
    let entries = fs::read_dir(&folder).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    let histories = files
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let history = History::read(&fs::read_to_string(&path).unwrap());
            let history = history.unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, history)
        });
    histories.collect()
}

/// What became of the questions of one history that was told in words.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Questions that were asked.
    pub asked: usize,
    /// For each question answered otherwise: what it was, and the answer.
    pub wrong: Vec<String>,
}

impl History {
    /// Number of its questions.
    pub fn questions(&self) -> usize {
        self.ask.len()
    }

    /// Asks its questions after the notes arrived in every order in which they may, every session
    /// twice, and once more after a newer extractor read everything again. Returns what went wrong,
    /// nothing if all is well; and how many orders were tried.
    pub async fn check(&self) -> (Vec<String>, usize) {
        let notes = |version| -> Arc<dyn EntityExtractor> { Arc::new(Notes::of(self, version)) };
        let first = Teller::new(self, notes("1"));
        let mut wrong = first.all(&self.steps()).await;
        let told = first.outcome().await;
        wrong.extend(told.broken());
        wrong.extend(told.wrong(self).await);
        let orders = orders(&self.steps());
        for order in &orders {
            let other = Teller::new(self, notes("1"));
            wrong.extend(other.all(order).await);
            if other.outcome().await.graph() != told.graph() {
                wrong.push(format!("arrival as {order:?} gives another graph"));
            }
        }
        let newer = first.again(notes("2"));
        wrong.extend(newer.read_again().await);
        let read_again = newer.outcome().await.wrong(self).await;
        wrong.extend(
            read_again
                .into_iter()
                .map(|one| format!("read again: {one}")),
        );
        (wrong, orders.len())
    }

    /// Asks its questions after `extractor` read the teen's words.
    pub async fn tell(&self, extractor: Arc<dyn EntityExtractor>) -> Told {
        let teller = Teller::new(self, extractor);
        // A fact that the extractor did not find cannot be corrected: the questions tell.
        drop(teller.all(&self.steps()).await);
        Told {
            asked: self.questions(),
            wrong: teller.outcome().await.wrong(self).await,
        }
    }

    /// Sessions and the teen's own acts as they arrived.
    fn steps(&self) -> Vec<Step> {
        let sessions = self.session.iter().enumerate();
        let acts = self.act.iter().enumerate();
        let mut steps: Vec<_> = sessions
            .map(|(place, session)| (session.arrives(), Step::Session(place)))
            .chain(acts.map(|(place, act)| (act.at.0, Step::Act(place))))
            .collect();
        steps.sort();
        steps.into_iter().map(|(_at, step)| step).collect()
    }
}
