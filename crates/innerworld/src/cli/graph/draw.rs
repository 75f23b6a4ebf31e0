//! `innerworld graph draw`: the graph as a picture, from the server or from a saved export.

use std::{collections::BTreeSet, fs, io::Write as _, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use innerworld::client::tokens::private_file;
use innerworld_core::memory::{MemoryExport, drawing::Drawing};
use serde::Deserialize;

use super::{AccountFlags, fetch_export, sign_in};
use crate::cli::{console::Console, output};

#[derive(Debug, Args)]
pub(super) struct Draw {
    #[command(flatten)]
    account: AccountFlags,
    /// Draw what `graph export` saved, without asking a server
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Where to write the SVG [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What a picture needs of an export.
#[derive(Deserialize)]
struct Document {
    memory: MemoryExport,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    time_zone: String,
    name: Option<String>,
}

impl Draw {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (text, mut console) = if let Some(path) = &self.from {
            let text = fs::read_to_string(path);
            let text = text.with_context(|| format!("could not read {}", path.display()))?;
            (text, Console::new(true))
        } else {
            let (mut account, console) = sign_in(&self.account, true).await?;
            (fetch_export(&mut account).await?, console)
        };
        let svg = draw(&text)?;
        let Some(path) = self.out else {
            return output::write(&svg);
        };
        let mut file = private_file(&path)
            .with_context(|| format!("could not make {}; it must not exist yet", path.display()))?;
        file.write_all(svg.as_bytes())
            .with_context(|| format!("could not write {}", path.display()))?;
        console.note(format!(
            "Drawn to {}. Only you can read it; any browser shows it.",
            path.display()
        ))
    }
}

fn draw(export: &str) -> anyhow::Result<String> {
    let document: Document = serde_json::from_str(export).map_err(|error| {
        // The reader's own words may quote the text.
        anyhow::anyhow!("this is no export of an account: see line {}", error.line())
    })?;
    let name = document
        .profile
        .as_ref()
        .and_then(|profile| profile.name.as_deref());
    let drawing = Drawing {
        graph: &document.memory.graph(),
        zone: document
            .profile
            .as_ref()
            .map_or("UTC", |profile| &profile.time_zone),
        teen_name: name.unwrap_or("You"),
        title: "What is remembered",
        gone: &BTreeSet::new(),
    };
    Ok(drawing.to_svg())
}
