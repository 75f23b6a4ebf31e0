//! The engine of a process that makes no answers, and reads a text now and then at most: what reads texts is
//! opened with the first one, and nothing of a memory is held in RAM.

use std::sync::Arc;

use innerworld_aws::Aws;
use innerworld_core::{
    calendar::day_in,
    identity::{consents::Catalogue, token::TokenVerifier},
    memory::{Memory, MemoryPorts},
    persona::directory::PersonaDirectory,
};
use innerworld_engine::{safeguards::CurrentSafeguards, services::Services};
use innerworld_language::pii::Scrub;
use innerworld_models::offline::OfflinePersona;

use crate::{
    late_extractor::LateExtractor, models, process::Tables, remembering::Remembering, safeguards,
    start, system::RandomIds,
};

/// Memory that is read, corrected and forgotten, and not recalled.
pub(crate) fn memory(aws: &Aws, remembering: &Remembering) -> Memory {
    let ports = MemoryPorts {
        graph: remembering.store(aws),
        namer: aws.namers(),
        extractor: Arc::new(LateExtractor::default()),
        encoder: None,
        thesaurus: None,
        scrubber: Arc::new(Scrub::new()),
        clock: start::clock(),
        ids: Arc::new(RandomIds),
    };
    Memory::new(ports, remembering.graph_life(), 0)
}

/// Its ports; `ledger` is the service key of that name.
pub(crate) fn services(
    aws: &Aws,
    (verifier, ledger): (Arc<dyn TokenVerifier>, &[u8; 32]),
    remembering: &Remembering,
) -> anyhow::Result<Services> {
    let clock = start::clock();
    let personas = Arc::new(PersonaDirectory::shipped()?);
    let safeguards = safeguards::late(ledger, day_in("UTC", clock.now()))?;
    Ok(Services {
        clock,
        ids: Arc::new(RandomIds),
        conversations: aws.conversations(),
        jobs: aws.jobs(),
        safety: aws.safety(),
        spool: aws.spool_to_send_to(),
        journal: aws.journal(),
        tickets: aws.tickets(),
        accounts: aws.accounts(),
        usage: aws.usage(),
        profiles: aws.profiles(),
        consents: aws.consents(),
        clocks: aws.clocks(),
        verifier,
        model: Arc::new(OfflinePersona::new(personas.all())),
        memory: Arc::new(memory(aws, remembering)),
        reader: None,
        safety_model: None,
        personas,
        safeguards: Arc::new(CurrentSafeguards::new(safeguards)),
        scrubber: Arc::new(Scrub::new()),
        catalogue: Arc::new(Catalogue::shipped(models::recipients())?),
        eraser: None,
        health: Arc::new(Tables(aws.clone())),
    })
}
