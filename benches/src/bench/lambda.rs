//! `bench lambda`: what the functions cost as they are packaged (aws.md 9): every one by itself, and a
//! talk through those that a message passes.

mod client;
mod events;
mod figures;
mod page;
mod place;
mod process;
mod provider;
mod recorder;
mod starts;
mod talk;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Args;

use self::{figures::Figures, place::Place};
use super::{Output, machine};
use crate::{deployment::Peers, report};

/// Start-up, memory and size of every function, and what a talk through them costs
#[derive(Debug, Args)]
pub(super) struct Lambda {
    /// The folder with a zip of each function and what lies in it
    #[arg(long, value_name = "DIR")]
    programs: PathBuf,
    #[command(flatten)]
    peers: Peers,
    /// Starts of each function
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    starts: u32,
    /// Messages of the talk
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    messages: u32,
    /// Write the page with the tables here
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

impl Lambda {
    /// Measures, prints, judges.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let figures = runtime.block_on(Box::pin(self.measure()))?;
        figures.print();
        if let Some(path) = &self.page {
            std::fs::write(path, page::text(&figures))
                .with_context(|| format!("{} could not be written", path.display()))?;
        }
        self.output.close(&figures.json(), &figures.failures())
    }

    async fn measure(&self) -> anyhow::Result<Figures> {
        let machine = machine::describe();
        let place = Place::new(self).await?;
        // The talk first: a start says how much memory one event more takes.
        report::progress(&format!("a talk of {} messages", self.messages));
        let talk = Box::pin(talk::hold(&place, self.messages)).await?;
        let mut functions = Vec::new();
        for name in place.functions()? {
            report::progress(&format!("starting {name}, load {}", machine::load()));
            let after_an_event = talk.resident.get(&name).copied();
            let figures = starts::measure(&place, &name, self.starts, after_an_event).await;
            functions.push(figures.with_context(|| format!("{name} was not measured"))?);
        }
        Ok(Figures {
            machine,
            starts: self.starts,
            functions,
            talk,
        })
    }
}
