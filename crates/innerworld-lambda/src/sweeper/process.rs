//! The engine of a process that reads no texts and makes no answers.

use std::sync::Arc;

use innerworld_aws::Aws;
use innerworld_core::{
    calendar::day_in,
    conversation::limits::Limits,
    identity::consents::Catalogue,
    memory::{Memory, MemoryPorts, store::GraphStore},
    persona::directory::PersonaDirectory,
};
use innerworld_engine::{
    app::App,
    safeguards::CurrentSafeguards,
    services::{Part, Services},
};
use innerworld_language::pii::Scrub;
use innerworld_models::offline::OfflinePersona;

use super::texts;
use crate::{
    late_extractor::LateExtractor,
    models,
    process::{NobodySignsIn, Role, Tables, settings},
    remembering::Remembering,
    start,
    system::RandomIds,
};

/// Nothing of a memory is held in RAM: none is read for a teen who waits.
const MEMORY_CACHE_BYTES: usize = 0;

/// Opens it.
pub(super) async fn open(
    aws: &Aws,
    (graph, remembering): (&Arc<dyn GraphStore>, &Remembering),
) -> anyhow::Result<Arc<App>> {
    aws.prepare().await?;
    let clock = start::clock();
    let ledger = aws.keys().service_key("ledger").await?;
    let safeguards = texts::safeguards(&ledger, day_in("UTC", clock.now()))?;
    let personas = Arc::new(PersonaDirectory::shipped()?);
    let scrubber = Arc::new(Scrub::new());
    let ports = MemoryPorts {
        graph: Arc::clone(graph),
        namer: aws.namers(),
        extractor: Arc::new(LateExtractor::default()),
        encoder: None,
        thesaurus: None,
        scrubber: Arc::clone(&scrubber) as _,
        clock: start::clock(),
        ids: Arc::new(RandomIds),
    };
    let services = Services {
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
        verifier: Arc::new(NobodySignsIn),
        model: Arc::new(OfflinePersona::new(personas.all())),
        memory: Arc::new(Memory::new(
            ports,
            remembering.graph_life(),
            MEMORY_CACHE_BYTES,
        )),
        reader: None,
        safety_model: None,
        personas,
        safeguards: Arc::new(CurrentSafeguards::new(safeguards)),
        scrubber,
        catalogue: Arc::new(Catalogue::shipped(models::recipients())?),
        eraser: None,
        health: Arc::new(Tables(aws.clone())),
    };
    let settings = settings(&Role {
        verifier: None,
        models: None,
        limits: Limits::default(),
        part: Part::Frames,
        remembering: remembering.clone(),
    });
    Ok(App::new(services, settings))
}
