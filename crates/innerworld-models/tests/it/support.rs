//! Ports and providers that tests control.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use innerworld_core::{
    clock::{Clock, Timestamp},
    error::{ErrorKind, PortError},
    identity::{
        consent::{ConsentRecord, ConsentStore, Purpose},
        profile::AgeBand,
    },
    ids::{IdSource, TeenId},
    model::{
        call::CallPurpose,
        chat_model::{ChatModel, ModelError, ModelItem},
        pseudonym::Pseudonyms,
        veil::{PrivateKind, PrivateName, PrivateNames},
    },
    secret::Secret,
    usage::{UsageLedger, UsageRecord, UsageState},
};
use innerworld_models::{
    chain::{Chain, ChainPorts},
    config::{Clocks, Dialect, Privacy, ProviderConfig, ProviderLimits, RetryLimits},
    consent_gate::ConsentVersions,
    key::FixedKey,
    openai::{Connection, OpenAiCompatible},
};
use innerworld_testkit::{
    hostile_upstream::{HostileUpstream, Script},
    model_calls,
    scripted_model::ScriptedModel,
};
use tokio::sync::Semaphore;

pub(crate) const COMPANY: &str = "Test Models Inc. (test.invalid)";
pub(crate) const KEY: &str = "sk-or-v1-test-key";
pub(crate) const PRIMARY: &str = "test/primary";
pub(crate) const SECONDARY: &str = "test/secondary";
pub(crate) const OFFLINE_WORDS: &str = "I am here, offline.";

/// A clock that stands still.
pub(crate) struct StillClock;

impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_764_064_800_000)
    }
}

/// Knows two surnames and one school.
pub(crate) struct FewNames;

impl PrivateNames for FewNames {
    fn find(&self, text: &str) -> Vec<PrivateName> {
        let names = [
            (PrivateKind::Surname, "Torresdal"),
            (PrivateKind::Surname, "Theo"),
            (PrivateKind::School, "Willowmere"),
        ];
        let mut found: Vec<PrivateName> = names
            .into_iter()
            .flat_map(|(kind, name)| {
                text.match_indices(name).map(move |(start, _)| PrivateName {
                    kind,
                    start,
                    end: start + name.len(),
                    always: true,
                })
            })
            .collect();
        found.sort_by_key(|name| name.start);
        found
    }
}

/// Bytes that count up.
#[derive(Default)]
pub(crate) struct CountingIds(AtomicU64);

impl IdSource for CountingIds {
    fn fill(&self, buffer: &mut [u8]) {
        let value = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        for (to, from) in buffer.iter_mut().zip(value.to_le_bytes().iter().cycle()) {
            *to = *from;
        }
    }
}

/// Consent records in a map.
#[derive(Default)]
pub(crate) struct Consents {
    records: Mutex<BTreeMap<TeenId, Vec<ConsentRecord>>>,
    pub(crate) broken: std::sync::atomic::AtomicBool,
    /// The teen is being erased.
    pub(crate) fenced: std::sync::atomic::AtomicBool,
}

impl Consents {
    pub(crate) fn record(&self, purpose: Purpose, company: &str, version: &str, granted: bool) {
        let record = ConsentRecord {
            purpose,
            recipient: company.to_owned(),
            text_version: version.to_owned(),
            text_hash: String::new(),
            jurisdiction: "US".to_owned(),
            band: AgeBand::From13To15,
            granted,
            recorded_at: StillClock.now(),
            evidence: "ui".to_owned(),
            mode: None,
            persona: None,
        };
        let teen = model_calls::call(1, "").teen;
        let mut records = self.records.lock().unwrap();
        records.entry(teen).or_default().push(record);
    }

    pub(crate) fn granted() -> Arc<Self> {
        let consents = Self::default();
        consents.record(Purpose::ChatModel, COMPANY, "1", true);
        Arc::new(consents)
    }
}

#[async_trait]
impl ConsentStore for Consents {
    async fn append(&self, teen: TeenId, records: &[ConsentRecord]) -> Result<(), PortError> {
        let mut all = self.records.lock().unwrap();
        all.entry(teen).or_default().extend(records.iter().cloned());
        Ok(())
    }

    async fn list(&self, teen: TeenId) -> Result<Vec<ConsentRecord>, PortError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(PortError::new(ErrorKind::Unavailable, "list the consents"));
        }
        if self.fenced.load(Ordering::SeqCst) {
            return Err(PortError::new(ErrorKind::Denied, "list the consents"));
        }
        let all = self.records.lock().unwrap();
        Ok(all.get(&teen).cloned().unwrap_or_default())
    }
}

/// A ledger in memory that can be broken and held up.
#[derive(Default)]
pub(crate) struct Ledger {
    records: Mutex<Vec<UsageRecord>>,
    pub(crate) broken: std::sync::atomic::AtomicBool,
    /// While it is set, `started` does not return before a permit is added.
    pub(crate) gate: Mutex<Option<Arc<Semaphore>>>,
}

impl Ledger {
    pub(crate) fn records(&self) -> Vec<UsageRecord> {
        self.records.lock().unwrap().clone()
    }
}

#[async_trait]
impl UsageLedger for Ledger {
    async fn started(&self, _teen: TeenId, record: &UsageRecord) -> Result<(), PortError> {
        let gate = self.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        if self.broken.load(Ordering::SeqCst) {
            return Err(PortError::new(ErrorKind::Unavailable, "start the record"));
        }
        assert_eq!(record.state, UsageState::Started);
        self.records.lock().unwrap().push(record.clone());
        Ok(())
    }

    async fn finished(&self, _teen: TeenId, record: &UsageRecord) -> Result<(), PortError> {
        let mut records = self.records.lock().unwrap();
        let same = |old: &&mut UsageRecord| {
            (old.call, &old.provider, &old.model_asked)
                == (record.call, &record.provider, &record.model_asked)
        };
        *records.iter_mut().find(same).unwrap() = record.clone();
        Ok(())
    }

    async fn list(&self, _teen: TeenId) -> Result<Vec<UsageRecord>, PortError> {
        Ok(self.records())
    }

    async fn calls(
        &self,
        _teen: TeenId,
        purpose: CallPurpose,
        since: Timestamp,
    ) -> Result<u32, PortError> {
        let records = self.records();
        let wanted =
            |record: &&UsageRecord| record.purpose == purpose && record.started_at >= since;
        Ok(u32::try_from(records.iter().filter(wanted).count()).unwrap())
    }
}

/// Clocks that never run out in a test: the one under test is then the only one.
pub(crate) fn patient_clocks() -> Clocks {
    let late = Duration::from_secs(60);
    Clocks {
        connect: late,
        headers: late,
        first_token: late,
        idle: late,
        liveness: late,
        total: late,
        settle: late,
    }
}

/// Default limits, with pauses that tests do not notice.
pub(crate) fn quick_limits() -> ProviderLimits {
    ProviderLimits {
        retry: RetryLimits {
            min_delay: Duration::from_millis(1),
            max_delay: Duration::from_millis(3),
            ..RetryLimits::default()
        },
        ..ProviderLimits::default()
    }
}

pub(crate) fn provider(base_url: &str) -> ProviderConfig {
    ProviderConfig {
        name: "test".to_owned(),
        company: COMPANY.to_owned(),
        base_url: base_url.to_owned(),
        dialect: Dialect::OpenRouter,
        privacy: Privacy::Flags,
        allow_private: true,
        key: Arc::new(FixedKey::new(Secret::new(KEY.to_owned()))),
        model_primary: PRIMARY.to_owned(),
        model_fallback: None,
        limits: quick_limits(),
    }
}

/// The client alone, without any decorator.
pub(crate) fn client(config: &ProviderConfig) -> OpenAiCompatible {
    let connection = Connection::new(config, Arc::new(FewNames)).unwrap();
    let next = config.model_fallback.as_deref();
    let clock = Arc::new(StillClock);
    OpenAiCompatible::new(config, connection, clock, &config.model_primary, next)
}

pub(crate) type Items = Vec<Result<ModelItem, ModelError>>;

pub(crate) async fn items(model: &dyn ChatModel) -> Items {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    match model.stream(model_calls::call(id.into(), "hello")).await {
        Ok(stream) => model_calls::collect(stream).await,
        Err(error) => vec![Err(error)],
    }
}

/// Asks the client alone what it makes of `script`.
pub(crate) async fn ask(script: Script) -> Items {
    ask_with(script, Clocks::default()).await
}

pub(crate) async fn ask_with(script: Script, clocks: Clocks) -> Items {
    let upstream = HostileUpstream::start([script]).await;
    let mut config = provider(&upstream.base_url());
    config.limits.clocks = clocks;
    items(&client(&config)).await
}

/// A whole chain over one upstream, with everything a test may look at.
pub(crate) struct Bench {
    pub(crate) upstream: HostileUpstream,
    pub(crate) chain: Chain,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) consents: Arc<Consents>,
    pub(crate) offline: Arc<ScriptedModel>,
}

impl Bench {
    pub(crate) async fn new(scripts: impl IntoIterator<Item = Script>) -> Self {
        Self::with(scripts, |_config| {}).await
    }

    pub(crate) async fn with(
        scripts: impl IntoIterator<Item = Script>,
        change: impl FnOnce(&mut ProviderConfig),
    ) -> Self {
        let upstream = HostileUpstream::start(scripts).await;
        let mut config = provider(&upstream.base_url());
        change(&mut config);
        Self::over(upstream, &[config])
    }

    pub(crate) fn over(upstream: HostileUpstream, providers: &[ProviderConfig]) -> Self {
        let ledger = Arc::new(Ledger::default());
        let consents = Consents::granted();
        let offline = Arc::new(ScriptedModel::saying(OFFLINE_WORDS));
        let chain = Chain::build(providers, &ports(&ledger, &consents, &offline)).unwrap();
        Self {
            upstream,
            chain,
            ledger,
            consents,
            offline,
        }
    }

    pub(crate) async fn ask(&self) -> Items {
        items(&*self.chain.model).await
    }

    /// The ledger after every record was completed.
    pub(crate) async fn settled(&self) -> Vec<UsageRecord> {
        self.chain.tasks.close();
        self.chain.tasks.wait().await;
        self.ledger.records()
    }
}

pub(crate) fn ports(
    ledger: &Arc<Ledger>,
    consents: &Arc<Consents>,
    offline: &Arc<ScriptedModel>,
) -> ChainPorts {
    ChainPorts {
        clock: Arc::new(StillClock),
        ids: Arc::new(CountingIds::default()),
        consents: Arc::clone(consents) as Arc<dyn ConsentStore>,
        consent_versions: ConsentVersions {
            chat_model: "1".to_owned(),
            safety_model: "2".to_owned(),
            ..ConsentVersions::default()
        },
        ledger: Arc::clone(ledger) as Arc<dyn UsageLedger>,
        pseudonyms: Arc::new(Pseudonyms::new(&[3; 32])),
        names: Arc::new(FewNames),
        offline: Arc::clone(offline) as Arc<dyn ChatModel>,
    }
}

pub(crate) fn count(items: &Items, wanted: impl Fn(&ModelItem) -> bool) -> usize {
    items
        .iter()
        .filter(|item| item.as_ref().is_ok_and(&wanted))
        .count()
}
