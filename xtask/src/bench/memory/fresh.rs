//! How many messages of a session carry fresh memory, and how much of it.

use innerworld_core::{
    clock::Clock as _, conversation::store::SessionLog, identity::consent::MemoryMode,
};
use tokio::runtime::Runtime;

use super::{
    figures::{Figure, Must},
    talk::Talk,
    world::{PERSONA, TEEN, World, ZONE},
};
use crate::bench::figure;

/// Messages of a session, as the gate says.
const TURNS: u64 = 38;
/// Sessions before it, and sessions that are played.
const BEFORE: u64 = 10;
const SESSIONS: u64 = 10;
/// Tokens that recalled memory may take.
const BUDGET: usize = 120;

/// Gate 13: sessions of a teen who is known, played message by message as the server does, each
/// remembered before the next.
pub(super) fn share(world: &World, talk: &Talk, runtime: &Runtime) -> anyhow::Result<Vec<Figure>> {
    let memory = world.memory(true);
    let (mut turns, mut carrying, mut tokens) = (0, 0, 0);
    for number in 0..BEFORE + SESSIONS {
        let log = talk.session(TEEN, number, TURNS);
        world.clock.set(log.session.started_at);
        if number >= BEFORE {
            let now = world.clock.now();
            let mut session = runtime.block_on(memory.open(TEEN, MemoryMode::Full, ZONE, now))?;
            for (carried, size) in play(&mut session, &log) {
                turns += 1;
                carrying += usize::from(carried);
                tokens += size;
            }
        }
        runtime.block_on(world.remember(&memory, &log))?;
    }
    Ok(vec![
        Figure::gate(
            "memory 13",
            format!("messages with fresh memory, {SESSIONS} sessions of {TURNS}"),
            (figure(carrying) * 100.0 / figure(turns), "%"),
            Must::AtMost(40.0),
        ),
        Figure::gate(
            "memory 13",
            "fresh memory where there is any, mean",
            (figure(tokens) / figure(carrying.max(1)), "tokens"),
            Must::AtMost(120.0),
        ),
    ])
}

/// Whether each message carries memory, and how many tokens of it.
fn play(
    session: &mut innerworld_core::memory::SessionMemory,
    log: &SessionLog,
) -> Vec<(bool, usize)> {
    let mut in_prompt = Vec::new();
    let mut carried = Vec::new();
    for turn in &log.turns {
        let Some(message) = &turn.message else {
            continue;
        };
        let recalled = session.recall(message.prompt_text.reveal(), &in_prompt, BUDGET);
        carried.push((
            recalled.is_some(),
            recalled.map_or(0, |recalled| recalled.tokens),
        ));
        in_prompt.push(turn.id);
        session.add_turn(turn, None, PERSONA);
    }
    carried
}
