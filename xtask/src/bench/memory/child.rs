//! Memory of a process, measured in a process of its own: nothing else has left its marks there.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, ensure};
use clap::Subcommand;
use innerworld_core::{clock::Clock as _, identity::consent::MemoryMode};
use innerworld_language::safety::PhraseScreen;
use serde::{Deserialize, Serialize};

use super::{
    talk::day,
    world::{Kept, Models, TEEN, World, ZONE},
};
use crate::{
    bench::{figure, timed},
    process::{output, say},
};

/// What a fresh process does.
#[derive(Debug, Clone, Subcommand)]
pub(super) enum Child {
    /// Loads every asset
    Assets,
    /// Loads the memory in a folder, again and again
    Loaded {
        folder: PathBuf,
        copies: u32,
        day: u64,
    },
}

/// What it found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Found {
    /// Milliseconds that loading took.
    pub(super) ms: f64,
    /// Resident bytes before and after.
    pub(super) before: f64,
    pub(super) after: f64,
    /// Most resident bytes ever.
    pub(super) peak: f64,
    /// Milliseconds that the phrase rules of the safety screen took, which are no asset.
    pub(super) rules_ms: f64,
    /// Bytes that the cache says it holds.
    pub(super) accounted: f64,
}

impl Child {
    /// Starts this program again for it.
    pub(super) fn ask(&self) -> anyhow::Result<Found> {
        let program = std::env::current_exe()?;
        let mut command = Command::new(program);
        command.args(["bench", "memory", "child"]);
        match self {
            Self::Assets => {
                command.arg("assets");
            }
            Self::Loaded {
                folder,
                copies,
                day,
            } => {
                command.arg("loaded").arg(folder);
                command.args([copies.to_string(), day.to_string()]);
            }
        }
        let said = output(&mut command)?;
        let line = said.lines().last().context("the process said nothing")?;
        Ok(serde_json::from_str(line)?)
    }

    /// Does it here.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let found = match self {
            Self::Assets => assets()?,
            Self::Loaded {
                folder,
                copies,
                day,
            } => {
                let world = World::of(folder, &Models::shipped()?, Kept::Year)?;
                loaded(&world, *copies, *day)?
            }
        };
        say(&serde_json::to_string(&found)?);
        Ok(())
    }
}

fn assets() -> anyhow::Result<Found> {
    let before = resident()?;
    let (models, us) = timed(Models::shipped);
    let models = models?;
    let mut found = Found {
        ms: us / 1e3,
        before,
        after: resident()?,
        peak: peak()?,
        ..Found::default()
    };
    let (rules, us) = timed(PhraseScreen::shipped);
    drop((models, rules?));
    found.rules_ms = us / 1e3;
    Ok(found)
}

fn loaded(world: &World, copies: u32, number: u64) -> anyhow::Result<Found> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    world.clock.set(day(number));
    let now = world.clock.now();
    let open = |memory: &innerworld_core::memory::Memory| {
        runtime.block_on(memory.open(TEEN, MemoryMode::Full, ZONE, now))
    };
    // What loading takes on the way is there again for the next one.
    open(&world.memory(true))?;
    let before = resident()?;
    let mut held = Vec::new();
    let mut accounted = 0;
    for _copy in 0..copies {
        let memory = world.memory(true);
        open(&memory)?;
        ensure!(memory.cached_bytes() > 0, "nothing was loaded");
        accounted += memory.cached_bytes();
        held.push(memory);
    }
    let after = resident()?;
    drop(held);
    Ok(Found {
        before,
        after,
        peak: peak()?,
        accounted: figure(accounted),
        ..Found::default()
    })
}

fn resident() -> anyhow::Result<f64> {
    status("VmRSS:")
}

fn peak() -> anyhow::Result<f64> {
    status("VmHWM:")
}

/// Bytes, by the kernel's count.
fn status(name: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status").context("/proc/self/status is needed")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kib: f64 = kib.context("resident memory is not told")?.trim().parse()?;
    Ok(kib * 1_024.0)
}
