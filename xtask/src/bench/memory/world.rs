//! The product's own memory over its own store on disk, with a clock that the bench moves.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::Context as _;
use innerworld_core::{
    clock::Clock as _,
    conversation::store::SessionLog,
    identity::consent::MemoryMode,
    ids::TeenId,
    memory::{
        Memory, MemoryPorts, RememberSettings, Remembered,
        encoder::Encoder,
        store::{EntityExtractor, Horizon, StoredMemory},
        thesaurus::Thesaurus,
    },
    model::call::Scrubber,
};
use innerworld_embedded::{Embedded, OpenOptions, OsIds};
use innerworld_language::{
    LocalExtractor, embed::StaticEncoder, pii::Scrub, thesaurus::ShippedThesaurus,
};
use innerworld_testkit::FakeClock;

use super::talk::day;

/// The teen's time zone.
pub(super) const ZONE: &str = "America/Chicago";
pub(super) const TEEN: TeenId = TeenId::from_subject_bits(7);
pub(super) const PERSONA: &str = "Comfort";
const YEAR_DAYS: u32 = 365;
/// Nothing is put out of RAM while it is measured.
const CACHE_BYTES: usize = 1 << 30;

/// The local models, as the server holds them.
#[derive(Clone)]
pub(super) struct Models {
    pub(super) encoder: Arc<StaticEncoder>,
    pub(super) thesaurus: Arc<ShippedThesaurus>,
    pub(super) extractor: Arc<LocalExtractor>,
    pub(super) scrubber: Arc<Scrub>,
}

impl Models {
    pub(super) fn shipped() -> anyhow::Result<Self> {
        let encoder = Arc::new(StaticEncoder::shipped()?);
        Ok(Self {
            extractor: Arc::new(LocalExtractor::new(Arc::clone(&encoder))?),
            encoder,
            thesaurus: Arc::new(ShippedThesaurus::shipped()?),
            scrubber: Arc::new(Scrub::new()),
        })
    }
}

/// How long what was said is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kept {
    /// Thirty days, as by default.
    Month,
    /// As long as may be set.
    Year,
}

impl Kept {
    const fn days(self) -> u32 {
        match self {
            Self::Month => 30,
            Self::Year => YEAR_DAYS,
        }
    }

    fn life(self) -> Duration {
        Duration::from_secs(86_400) * self.days()
    }
}

/// One teen on one machine.
pub(super) struct World {
    pub(super) embedded: Embedded,
    pub(super) clock: Arc<FakeClock>,
    pub(super) models: Models,
    kept: Kept,
}

impl World {
    /// The store in `folder`.
    pub(super) fn of(folder: &Path, models: &Models, kept: Kept) -> anyhow::Result<Self> {
        let clock = Arc::new(FakeClock::new(day(0)));
        let data_dir = folder.join("data");
        let embedded = Embedded::open(OpenOptions {
            master_key_file: data_dir.join("master.key"),
            data_dir,
            clock: Arc::clone(&clock) as _,
            ids: Arc::new(OsIds),
        })
        .context("the store could not be opened")?;
        Ok(Self {
            embedded,
            clock,
            models: models.clone(),
            kept,
        })
    }

    /// A memory that holds nothing in RAM yet; by words alone without an encoder.
    pub(super) fn memory(&self, with_encoder: bool) -> Memory {
        let encoder = with_encoder.then(|| Arc::clone(&self.models.encoder) as Arc<dyn Encoder>);
        let ports = MemoryPorts {
            graph: self.embedded.graph(),
            namer: self.embedded.namers(),
            extractor: Arc::clone(&self.models.extractor) as Arc<dyn EntityExtractor>,
            encoder,
            thesaurus: Some(Arc::clone(&self.models.thesaurus) as Arc<dyn Thesaurus>),
            scrubber: Arc::clone(&self.models.scrubber) as Arc<dyn Scrubber>,
            clock: Arc::clone(&self.clock) as _,
            ids: Arc::new(OsIds),
        };
        Memory::new(ports, self.kept.life(), CACHE_BYTES)
    }

    /// Remembers a session an hour after it began.
    pub(super) async fn remember(
        &self,
        memory: &Memory,
        log: &SessionLog,
    ) -> anyhow::Result<Remembered> {
        let hour = Duration::from_secs(3_600);
        self.clock.set(log.session.started_at.plus(hour));
        let settings = RememberSettings {
            mode: MemoryMode::Full,
            zone: ZONE.to_owned(),
            mood: true,
            evidence_days: self.kept.days(),
            graph_days: self.kept.days(),
            persona_name: PERSONA.to_owned(),
            teen_name: Some("Robin".to_owned().into()),
        };
        Ok(memory.remember(log, &settings).await?)
    }

    /// Everything stored.
    pub(super) async fn stored(&self) -> anyhow::Result<StoredMemory> {
        let horizon = Horizon::whole_graph(self.clock.now());
        Ok(self.embedded.graph().load(TEEN, horizon).await?)
    }
}
