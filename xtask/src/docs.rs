//! `cargo xtask docs`: pages that are told by the program itself.

mod compare;
mod forgetting;
mod month;
mod page;
mod questions;
mod recalled;
mod scenario;
mod sessions;
mod words;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use crate::{
    codegen::{self, Write},
    process::say,
};

/// Tell a page again from its scenario, or with --check compare it
#[derive(Debug, Args)]
pub(crate) struct Docs {
    /// Which page
    #[arg(value_enum)]
    page: Page,
    /// Change nothing; fail if the page differs
    #[arg(long)]
    check: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Page {
    /// docs/explanation/memory.md, with its pictures
    Memory,
}

/// A file and what it must hold.
struct Made {
    path: &'static str,
    text: String,
}

impl Docs {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let Page::Memory = self.page;
        let write = if self.check {
            Write::Compare
        } else {
            Write::Update
        };
        let stale = memory(write)?;
        if !stale.is_empty() {
            say(&format!(
                "out of date: {}; run `cargo xtask docs memory` and commit",
                stale.join(", ")
            ));
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Makes the page about memory; returns what is out of date and was not written.
pub(crate) fn memory(write: Write) -> anyhow::Result<Vec<&'static str>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let made = runtime
        .block_on(Box::pin(page::tell()))
        .context("could not tell the page about memory")?;
    let mut stale = Vec::new();
    for Made { path, text } in made {
        stale.extend(codegen::one(write, path, &text)?);
    }
    Ok(stale)
}
