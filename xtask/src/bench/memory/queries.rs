//! How soon recall answers, and how soon a memory is loaded from its sealed rows.

use std::sync::Arc;

use innerworld_core::{
    clock::{Clock as _, Timestamp},
    identity::consent::MemoryMode,
    memory::{
        encoder::Encoder,
        recall::{Known, Query, RecallIndex, Speakers},
        store::EvidenceTurn,
        thesaurus::Thesaurus,
    },
};
use tokio::runtime::Runtime;

use super::{
    figures::{Figure, Must, percentile},
    talk::Talk,
    world::{Models, PERSONA, TEEN, World, ZONE},
};
use crate::bench::timed;

/// Queries of one measurement.
const QUERIES: u64 = 1_000;
/// Times that a memory is loaded.
const LOADS: usize = 7;
/// Tokens that recalled memory may take.
const BUDGET: usize = 120;

/// Microseconds of each query on an index of `turns`.
fn ask(turns: &[EvidenceTurn], models: &Models, with_encoder: bool, talk: &Talk) -> Times {
    let thesaurus = Arc::clone(&models.thesaurus) as Arc<dyn Thesaurus>;
    let encoder = with_encoder.then(|| Arc::clone(&models.encoder) as Arc<dyn Encoder>);
    let index = RecallIndex::build(turns, encoder).with_thesaurus(Some(thesaurus));
    let speakers = Speakers::Talk { persona: PERSONA };
    // No signal of the graph is on: it may be left out.
    let known = Known {
        graphs: &[],
        now: turns
            .last()
            .map_or(Timestamp::default(), |turn| turn.said_at),
        zone: ZONE,
    };
    let mut us = Vec::new();
    // Sessions that were never said, so that no message finds itself.
    for text in talk.messages(1_000, QUERIES) {
        let query = Query {
            text: &text,
            speakers,
        };
        us.push(timed(|| index.query_knowing(&query, &index.gains(&query, &known))).1);
    }
    Times(us)
}

/// Microseconds.
pub(super) struct Times(Vec<f64>);

impl Times {
    /// Milliseconds within which this many of a hundred lie.
    pub(super) fn ms(&mut self, of_hundred: usize) -> f64 {
        percentile(&mut self.0, of_hundred) / 1e3
    }
}

/// Gate 5.
pub(super) fn small(turns: &[EvidenceTurn], models: &Models, talk: &Talk) -> Vec<Figure> {
    let mut words = ask(turns, models, false, talk);
    let mut vectors = ask(turns, models, true, talk);
    let n = turns.len();
    vec![
        beside(format!("a query by words, {n} turns, half"), words.ms(50)),
        Figure::gate(
            "memory 5",
            format!("a query by words, {n} turns, 95 %"),
            (words.ms(95), "ms"),
            Must::AtMost(0.3),
        ),
        beside(
            format!("a query by words and vectors, {n} turns, half"),
            vectors.ms(50),
        ),
        Figure::gate(
            "memory 5",
            format!("a query by words and vectors, its encoding included, {n} turns, 95 %"),
            (vectors.ms(95), "ms"),
            Must::AtMost(0.5),
        ),
    ]
}

/// Gate 6.
pub(super) fn large(
    world: &World,
    turns: &[EvidenceTurn],
    talk: &Talk,
    runtime: &Runtime,
) -> anyhow::Result<Vec<Figure>> {
    let mut words = ask(turns, &world.models, false, talk);
    let mut vectors = ask(turns, &world.models, true, talk);
    let n = turns.len();
    let mut figures = vec![
        Figure::gate(
            "memory 6",
            format!("a query by words, {n} turns, 95 %"),
            (words.ms(95), "ms"),
            Must::AtMost(5.0),
        ),
        beside(
            format!("a query by words and vectors, {n} turns, half"),
            vectors.ms(50),
        ),
        Figure::gate(
            "memory 6",
            format!("a query by words and vectors, its encoding included, {n} turns, 95 %"),
            (vectors.ms(95), "ms"),
            Must::AtMost(5.0),
        ),
    ];
    figures.extend(loading(world, n, runtime)?);
    figures.extend(recalling(world, talk, runtime)?);
    Ok(figures)
}

/// From the sealed rows to a memory that answers.
fn loading(world: &World, turns: usize, runtime: &Runtime) -> anyhow::Result<Vec<Figure>> {
    let mut ms = Vec::new();
    for _load in 0..LOADS {
        let memory = world.memory(true);
        let (opened, us) = timed(|| {
            runtime.block_on(memory.open(TEEN, MemoryMode::Full, ZONE, world.clock.now()))
        });
        opened?;
        ms.push(us / 1e3);
    }
    let mut rows = Vec::new();
    for _load in 0..LOADS {
        let (read, us) = timed(|| runtime.block_on(world.stored()));
        read?;
        rows.push(us / 1e3);
    }
    Ok(vec![
        beside(
            format!("reading, opening and decoding the rows of {turns} turns and their graph"),
            percentile(&mut rows, 50),
        ),
        Figure::gate(
            "memory 6",
            format!("the same and the index, {turns} turns, half of {LOADS}"),
            (percentile(&mut ms, 50), "ms"),
            Must::AtMost(400.0),
        ),
    ])
}

/// What a teen waits for: ranking, deciding whether the topic moved, packing.
fn recalling(world: &World, talk: &Talk, runtime: &Runtime) -> anyhow::Result<Vec<Figure>> {
    let memory = world.memory(true);
    let mut session =
        runtime.block_on(memory.open(TEEN, MemoryMode::Full, ZONE, world.clock.now()))?;
    let mut us = Vec::new();
    for text in talk.messages(1_000, QUERIES / 4) {
        us.push(timed(|| session.recall(&text, &[], BUDGET)).1);
    }
    Ok(vec![beside(
        "all of recall for a message, packing included, 95 %",
        percentile(&mut us, 95) / 1e3,
    )])
}

fn beside(what: impl Into<String>, ms: f64) -> Figure {
    Figure::beside(what, (ms, "ms"))
}
