//! How long the end of a session takes.

use innerworld_core::{clock::Clock as _, memory::store::Horizon};
use tokio::runtime::Runtime;

use super::{
    figures::{Figure, Must, percentile},
    talk::{Talk, day},
    world::{TEEN, World},
};
use crate::{bench::timed, process::say};

/// Turns of a session, as the gate says.
pub(super) const TURNS: u64 = 40;
/// Sessions that fill a month, which is how long things are kept: the graph is then as large as
/// that of somebody who comes every day.
const FILLING: u64 = 30;
const MEASURED: u64 = 200;
/// What retention drops in one go.
const SWEEP: usize = 10_000;

/// Talks and remembers a session a day; milliseconds of each from the `from`th on.
pub(super) fn grow(
    world: &World,
    talk: &Talk,
    (sessions, turns): (u64, u64),
    runtime: &Runtime,
) -> anyhow::Result<Vec<f64>> {
    let memory = world.memory(true);
    let mut ms = Vec::new();
    for number in 0..sessions {
        let log = talk.session(TEEN, number, turns);
        let (done, us) = timed(|| runtime.block_on(world.remember(&memory, &log)));
        done?;
        ms.push(us / 1e3);
        if number > 0 && number.is_multiple_of(50) {
            say(&format!("  {number} sessions of {sessions} remembered"));
        }
    }
    Ok(ms)
}

/// Gate 8: someone who talks every day, with what is older than a month going every night.
pub(super) fn daily(world: &World, talk: &Talk, runtime: &Runtime) -> anyhow::Result<Vec<Figure>> {
    let memory = world.memory(true);
    let mut ms = Vec::new();
    for number in 0..FILLING + MEASURED {
        let log = talk.session(TEEN, number, TURNS);
        let (done, us) = timed(|| runtime.block_on(world.remember(&memory, &log)));
        done?;
        if number >= FILLING {
            ms.push(us / 1e3);
        }
        let now = world.clock.now();
        let month_ago = if number > FILLING {
            day(number - FILLING)
        } else {
            day(0)
        };
        runtime.block_on(memory.expire(now, month_ago, SWEEP))?;
    }
    let stored = runtime.block_on(
        world
            .embedded
            .graph()
            .load(TEEN, Horizon::whole_graph(world.clock.now())),
    )?;
    let graph = &stored.graph;
    let of = format!(
        "remembering a session of {TURNS} turns with their answers, {MEASURED} sessions over {} \
         turns, {} nodes and {} edges",
        stored.evidence.len(),
        graph.nodes.len(),
        graph.edges.len()
    );
    Ok(vec![
        Figure::beside(format!("{of}, half"), (percentile(&mut ms, 50), "ms")),
        Figure::gate(
            "memory 8",
            format!("{of}, 99 %"),
            (percentile(&mut ms, 99), "ms"),
            Must::AtMost(150.0),
        ),
        Figure::beside("the slowest of them", (percentile(&mut ms, 100), "ms")),
    ])
}

/// The same over the largest memory there is.
pub(super) fn at_the_bound(ms: &[f64]) -> Figure {
    let last = ms.get(ms.len().saturating_sub(10)..).unwrap_or_default();
    let mut last = last.to_vec();
    Figure::beside(
        format!(
            "remembering a session where {} turns are kept, half of the last {}",
            ms.len() as u64 * TURNS * 2,
            last.len()
        ),
        (percentile(&mut last, 50), "ms"),
    )
}
