//! `cargo xtask bench memory`: what remembering, recalling and the local models cost, in time and
//! in RAM, beside what they may (memory.md 12, language.md 10).

mod child;
mod figures;
mod fresh;
mod language;
mod queries;
mod remembering;
mod talk;
mod world;

use std::{fs, path::Path, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use innerworld_core::memory::store::EvidenceTurn;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use self::{
    child::Child,
    figures::{Figure, Figures, Must},
    remembering::grow,
    talk::Talk,
    world::{Kept, Models, World},
};
use super::page;
use crate::{process::say, workspace::root};

/// Where the table goes.
const TABLE: &str = "benches/memory.md";
/// What stands above it.
const ABOUT: &str = include_str!("memory/about.md");
/// What stands below it.
const NOTES: &str = include_str!("memory/notes.md");
const MB: f64 = 1e6;

/// Measure recall, remembering and the local models; write benches/memory.md
#[derive(Debug, Args)]
pub(crate) struct Memory {
    #[command(subcommand)]
    child: Option<Inner>,
    /// Measure this part alone, and write no table
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Inner {
    /// A process of its own for one measurement
    #[command(hide = true, subcommand)]
    Child(Child),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Loading and speed of the local models
    Language,
    /// A memory of 600 turns
    Small,
    /// The ends of sessions, one a day
    Remember,
    /// How much fresh memory goes with messages
    Fresh,
    /// A memory of 20,000 turns
    Large,
}

impl Memory {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        if let Some(Inner::Child(child)) = &self.child {
            child.run()?;
            return Ok(ExitCode::SUCCESS);
        }
        if cfg!(debug_assertions) {
            say("unoptimised build: run with --release for figures that mean something");
        }
        let mut figures = Figures::default();
        for part in Part::value_variants() {
            if self.only.is_none_or(|only| only == *part) {
                let found = part.measure()?;
                for figure in &found {
                    say(&figure.line());
                }
                figures.0.extend(found);
            }
        }
        if self.only.is_none() && !cfg!(debug_assertions) {
            write(&figures)?;
        }
        if self.json {
            say(&serde_json::to_string(&figures)?);
        }
        let missed = figures.missed();
        if missed > 0 {
            say(&format!(
                "FAILED: {missed} figures are not what they must be"
            ));
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Part {
    fn measure(self) -> anyhow::Result<Vec<Figure>> {
        // Fresh processes first: they share the cores with nobody then.
        if self == Self::Language {
            let mut figures = language::loading()?;
            figures.extend(language::speed(&Models::shipped()?, &Talk::read()?));
            return Ok(figures);
        }
        let bench = Bench {
            models: Models::shipped()?,
            talk: Talk::read()?,
            runtime: tokio::runtime::Builder::new_current_thread().build()?,
        };
        match self {
            Self::Language => Ok(Vec::new()),
            Self::Small => bench.small(),
            Self::Remember => {
                let folder = folder()?;
                let world = World::of(folder.path(), &bench.models, Kept::Month)?;
                remembering::daily(&world, &bench.talk, &bench.runtime)
            }
            Self::Fresh => {
                let folder = folder()?;
                let world = World::of(folder.path(), &bench.models, Kept::Month)?;
                fresh::share(&world, &bench.talk, &bench.runtime)
            }
            Self::Large => bench.large(),
        }
    }
}

/// What every measurement works with.
struct Bench {
    models: Models,
    talk: Talk,
    runtime: Runtime,
}

/// Sessions and turns each, for the gates' two sizes: answers are turns too.
const SMALL: (u64, u64) = (10, 30);
const LARGE: (u64, u64) = (250, 40);

impl Bench {
    fn small(&self) -> anyhow::Result<Vec<Figure>> {
        let folder = folder()?;
        let turns = {
            let world = World::of(folder.path(), &self.models, Kept::Year)?;
            grow(&world, &self.talk, SMALL, &self.runtime)?;
            self.evidence(&world)?
        };
        let mut figures = queries::small(&turns, &self.models, &self.talk);
        figures.extend(loaded(folder.path(), SMALL, (100, 0.6))?);
        Ok(figures)
    }

    fn large(&self) -> anyhow::Result<Vec<Figure>> {
        let folder = folder()?;
        let mut figures = {
            let world = World::of(folder.path(), &self.models, Kept::Year)?;
            let ms = grow(&world, &self.talk, LARGE, &self.runtime)?;
            let turns = self.evidence(&world)?;
            let mut figures = queries::large(&world, &turns, &self.talk, &self.runtime)?;
            figures.push(remembering::at_the_bound(&ms));
            figures
        };
        figures.extend(loaded(folder.path(), LARGE, (5, 20.0))?);
        Ok(figures)
    }

    fn evidence(&self, world: &World) -> anyhow::Result<Vec<EvidenceTurn>> {
        Ok(self.runtime.block_on(world.stored())?.evidence)
    }
}

/// Gate 7, in a process of its own.
fn loaded(
    folder: &Path,
    (sessions, turns): (u64, u64),
    (copies, most_mb): (u32, f64),
) -> anyhow::Result<Vec<Figure>> {
    let child = Child::Loaded {
        folder: folder.to_owned(),
        copies,
        day: sessions,
    };
    let found = child.ask()?;
    let each = |bytes: f64| bytes / f64::from(copies) / MB;
    let said = sessions * turns * 2;
    Ok(vec![
        Figure::gate(
            "memory 7",
            format!("resident for a loaded teen of {said} turns, mean of {copies}"),
            (each(found.after - found.before), "MB"),
            Must::AtMost(most_mb),
        ),
        Figure::beside(
            "the same, as the cache counts it",
            (each(found.accounted), "MB"),
        ),
    ])
}

/// A folder on the disk of this program: the temporary folder of many machines lies in RAM.
fn folder() -> anyhow::Result<TempDir> {
    let program = std::env::current_exe()?;
    let beside = program.parent().context("this program lies nowhere")?;
    let folder = tempfile::Builder::new()
        .prefix("bench-memory-")
        .tempdir_in(beside)?;
    Ok(folder)
}

/// Writes the table.
fn write(figures: &Figures) -> anyhow::Result<()> {
    let text = format!(
        "{ABOUT}\n## {}\n\n{}\n\n{}\n{NOTES}",
        page::today(),
        page::machine(),
        figures.table()
    );
    let path = root().join(TABLE);
    fs::write(&path, text).with_context(|| format!("could not write {}", path.display()))
}
