//! `cargo xtask codegen`: files that are made from the program, and compared with it.

use std::{fs, process::ExitCode};

use anyhow::{Context, bail};
use clap::Args;
use innerworld_language::safety::PhraseScreen;

use crate::{
    docs,
    process::{cargo, output, say},
    terraform::{diagram, documents, tables},
    workspace::root,
};

/// Write the generated files again, or with --check compare them
#[derive(Debug, Args)]
pub(crate) struct Codegen {
    /// Change nothing; fail if a file differs
    #[arg(long)]
    check: bool,
}

/// What to do with a file that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// Write it.
    Update,
    /// Fail.
    Compare,
}

/// A generated file and the arguments of `innerworld` that print it.
struct Generated {
    path: &'static str,
    arguments: &'static [&'static str],
}

/// Every generated file of the repository. Add a line here for each new one.
const FILES: &[Generated] = &[
    Generated {
        path: "docs/reference/configuration.md",
        arguments: &["check-config", "--reference"],
    },
    Generated {
        path: "docs/reference/protocol.schema.json",
        arguments: &["schema", "protocol"],
    },
    Generated {
        path: "docs/reference/openapi.json",
        arguments: &["schema", "openapi"],
    },
];

impl Codegen {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        all(if self.check {
            Write::Compare
        } else {
            Write::Update
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What the safety rules give, beside them: it is compiled in with them, so it comes first.
const DERIVED: &str = "crates/innerworld-language/safety/derived.json";

/// Makes every file.
pub(crate) fn all(write: Write) -> anyhow::Result<()> {
    let mut stale: Vec<String> = Vec::new();
    let derived = PhraseScreen::derive_shipped().context("the safety rules are wrong")?;
    stale.extend(one(write, DERIVED, &derived)?.map(str::to_owned));
    for Generated { path, arguments } in FILES {
        let mut command = cargo();
        command
            .args(["run", "--quiet", "--package", "innerworld", "--"])
            .args(*arguments);
        let made = output(&mut command).with_context(|| format!("could not make {path}"))?;
        stale.extend(one(write, path, &made)?.map(str::to_owned));
    }
    stale.extend(docs::memory(write)?.into_iter().map(str::to_owned));
    stale.extend(tables::all(write)?);
    stale.extend(diagram::all(write)?.map(str::to_owned));
    stale.extend(documents::all(write)?.map(str::to_owned));
    if !stale.is_empty() {
        bail!(
            "out of date: {}; run `cargo xtask codegen` and commit",
            stale.join(", ")
        );
    }
    Ok(())
}

/// Writes or compares one file; its path if it differs.
pub(crate) fn one(
    write: Write,
    path: &'static str,
    made: &str,
) -> anyhow::Result<Option<&'static str>> {
    let place = root().join(path);
    if fs::read_to_string(&place).is_ok_and(|there| there == made) {
        return Ok(None);
    }
    match write {
        Write::Compare => Ok(Some(path)),
        Write::Update => {
            fs::write(&place, made).with_context(|| format!("could not write {path}"))?;
            say(&format!("wrote {path}"));
            Ok(None)
        }
    }
}
