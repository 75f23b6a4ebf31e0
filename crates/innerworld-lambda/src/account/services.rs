//! The engine as the routes need it. Opening it asks no table: where help is must be told while they are
//! away.

use std::sync::Arc;

use innerworld_aws::{Aws, CognitoTokenVerifier, UserPool};
use innerworld_core::{
    calendar::day_in,
    conversation::limits::Limits,
    identity::consents::Catalogue,
    ids::IdSource as _,
    memory::{Memory, MemoryPorts},
    persona::directory::PersonaDirectory,
};
use innerworld_engine::{
    safeguards::CurrentSafeguards,
    services::{Part, Services, Settings},
};
use innerworld_language::pii::Scrub;
use innerworld_models::offline::OfflinePersona;

use crate::{
    late_extractor::LateExtractor,
    models,
    process::{self, Role, Tables},
    remembering::Remembering,
    safeguards, start,
    system::RandomIds,
};

/// The ports.
pub(super) fn open(
    aws: &Aws,
    pool: UserPool,
    remembering: &Remembering,
) -> anyhow::Result<Services> {
    let clock = start::clock();
    let personas = Arc::new(PersonaDirectory::shipped()?);
    // No message is judged here, so nothing is written into the ledger: its key stays where it is
    // used.
    let mut no_ledger = [0_u8; 32];
    RandomIds.fill(&mut no_ledger);
    let safeguards = safeguards::shipped(&no_ledger, day_in("UTC", clock.now()))?;
    let scrubber = Arc::new(Scrub::new());
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
        verifier: Arc::new(CognitoTokenVerifier::new(pool, aws.deny_list())?),
        model: Arc::new(OfflinePersona::new(personas.all())),
        memory: Arc::new(memory(aws, &scrubber, remembering)),
        reader: None,
        safety_model: None,
        personas,
        safeguards: Arc::new(CurrentSafeguards::new(safeguards)),
        scrubber,
        catalogue: Arc::new(Catalogue::shipped(models::recipients())?),
        eraser: None,
        health: Arc::new(Tables(aws.clone())),
    })
}

/// Memory that is seen, corrected and forgotten here; nothing is recalled, so nothing for recall is held.
fn memory(aws: &Aws, scrubber: &Arc<Scrub>, remembering: &Remembering) -> Memory {
    let ports = MemoryPorts {
        graph: remembering.store(aws),
        namer: aws.namers(),
        extractor: Arc::new(LateExtractor::default()),
        encoder: None,
        thesaurus: None,
        scrubber: Arc::clone(scrubber) as _,
        clock: start::clock(),
        ids: Arc::new(RandomIds),
    };
    Memory::new(ports, remembering.graph_life(), 0)
}

/// Settings of routes for browsers of these origins.
pub(super) fn settings(allowed_origins: Vec<String>, remembering: Remembering) -> Settings {
    let role = Role {
        verifier: None,
        models: None,
        limits: Limits::default(),
        part: Part::Frames,
        remembering,
    };
    Settings {
        allowed_origins,
        ..process::settings(&role)
    }
}
