//! The engine of a process that makes no answers, and reads a text now and then at most: what reads texts is
//! opened with the first one, or not there at all, and nothing of a memory is held in RAM.

use std::sync::Arc;

use innerworld_aws::Aws;
use innerworld_core::{
    calendar::day_in,
    identity::token::TokenVerifier,
    memory::{Memory, MemoryPorts, store::EntityExtractor},
};
use innerworld_engine::services::Services;
use innerworld_language::pii::Scrub;

use crate::{
    late_extractor::LateExtractor, models::LooksElsewhere, process, reads_nothing::ReadsNothing,
    remembering::Remembering, safeguards, start, system::RandomIds,
};

/// Memory that is read, and not recalled.
pub(crate) fn memory(aws: &Aws, remembering: &Remembering) -> Memory {
    memory_with(aws, remembering, Arc::new(ReadsNothing))
}

/// Memory that is also corrected and forgotten, and of which it is told which sessions it holds: a reading is
/// known by the version of what read it.
pub(crate) fn memory_by_hand(aws: &Aws, remembering: &Remembering) -> Memory {
    memory_with(aws, remembering, Arc::new(LateExtractor::default()))
}

fn memory_with(
    aws: &Aws,
    remembering: &Remembering,
    extractor: Arc<dyn EntityExtractor>,
) -> Memory {
    let ports = MemoryPorts {
        graph: remembering.store(aws),
        namer: aws.namers(),
        extractor,
        encoder: None,
        thesaurus: None,
        scrubber: Arc::new(Scrub::new()),
        clock: start::clock(),
        ids: Arc::new(RandomIds),
    };
    Memory::new(ports, remembering.graph_life(), 0)
}

/// Ports over this memory; `ledger` is the service key of that name.
pub(crate) fn services(
    aws: &Aws,
    (verifier, ledger): (Arc<dyn TokenVerifier>, &[u8; 32]),
    memory: Memory,
) -> anyhow::Result<Services> {
    let safeguards = safeguards::late(ledger, day_in("UTC", start::clock().now()))?;
    process::services(aws, verifier, (memory, safeguards))
}

/// Ports of a process that takes messages: it judges each of them, and remembers none.
pub(crate) async fn judging(
    aws: &Aws,
    verifier: Arc<dyn TokenVerifier>,
    remembering: &Remembering,
) -> anyhow::Result<Services> {
    let ledger = aws.keys().service_key("ledger").await?;
    let safeguards = safeguards::judging(&ledger, day_in("UTC", start::clock().now()))?;
    let memory = memory_with(aws, remembering, Arc::new(ReadsNothing));
    Ok(Services {
        safety_model: Some(Arc::new(LooksElsewhere)),
        ..process::services(aws, verifier, (memory, safeguards))?
    })
}
