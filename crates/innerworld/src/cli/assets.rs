//! `innerworld assets`: the trained weights inside the program, what they were made from and under
//! which licences.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use innerworld_language::asset::{self, Header, Shipped};
use serde::Serialize;

use super::output;

/// Arguments of `assets`.
#[derive(Debug, Args)]
pub(crate) struct Assets {
    /// Print the credit and licence of everything they were made from
    #[arg(long)]
    licences: bool,
    /// Print one JSON object: every header as it is
    #[arg(long, conflicts_with = "licences")]
    json: bool,
}

#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    header: Header,
    packed_bytes: usize,
}

#[derive(Serialize)]
struct List {
    assets: Vec<Listed>,
    packed_bytes: usize,
}

impl Assets {
    /// Checks each asset and prints the list.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let shipped = asset::shipped().context("this program is damaged: get or build it again")?;
        let packed_bytes = shipped.iter().map(|asset| asset.packed).sum();
        if self.json {
            let assets = shipped.into_iter().map(|asset| Listed {
                header: asset.header,
                packed_bytes: asset.packed,
            });
            output::json(&List {
                assets: assets.collect(),
                packed_bytes,
            })?;
        } else if self.licences {
            shipped.iter().try_for_each(credits)?;
        } else {
            shipped.iter().try_for_each(describe)?;
            output::line(format!("{} KiB in all", kib(packed_bytes)))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn describe(asset: &Shipped) -> anyhow::Result<()> {
    let header = &asset.header;
    output::line(format!(
        "{}  version {}, format {}, {} KiB",
        header.name,
        header.version(),
        header.format,
        kib(asset.packed)
    ))?;
    for source in &header.sources {
        output::line(format!("  made from  {} ({})", source.name, source.licence))?;
    }
    for (figure, value) in &header.figures {
        output::line(format!("  {figure}: {value}"))?;
    }
    Ok(())
}

fn credits(asset: &Shipped) -> anyhow::Result<()> {
    for source in &asset.header.sources {
        output::line(format!(
            "{}\n  {}\n  {}\n  licence: {}\n  changed: trained weights, in the asset {}",
            source.name, source.authors, source.link, source.licence, asset.header.name
        ))?;
    }
    Ok(())
}

const fn kib(bytes: usize) -> usize {
    bytes.div_ceil(1024)
}
