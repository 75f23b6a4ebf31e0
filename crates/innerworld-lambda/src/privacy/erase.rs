//! Erasing, in stretches: as far as one invocation comes, and then on by a message to itself.

use std::{sync::Arc, time::Duration};

use innerworld_aws::{
    Aws, ExportBucket, PoolAccounts, Posting, PrivacyJob, PrivacyQueue, SdkConfig,
};
use innerworld_core::{
    clock::Clock,
    error::PortError,
    ids::TeenId,
    memory::job::{JobStore, MemoryJob},
};
use innerworld_engine::{
    erase::{Eraser, Erasure, Outside},
    revoke::Revoker,
};

use super::{
    Queues,
    keepers::{
        ErasedSockets, ExportObjects, GrantsAtApple, NothingHeld, PoolAccount, QueuesAndGraph,
    },
};
use crate::{
    environment,
    start::{self, CALL_TIMEOUT},
};

/// One invocation begins nothing more after this time; it has a minute left then.
const STRETCH: Duration = Duration::from_secs(240);
/// First pause while somebody outside is not done.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Stretches after which the outbox resumes it later: whoever is waited for is not there.
const STRETCHES: u32 = 3;
/// Until the outbox resumes what was waited for in vain.
const RESUMED: Duration = Duration::from_secs(300);

/// Erases teens.
pub(super) struct Erases {
    aws: Aws,
    eraser: Eraser,
    jobs: Arc<dyn JobStore>,
    queue: PrivacyQueue,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Erases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Erases")
    }
}

impl Erases {
    pub(super) fn new(
        (aws, config): (&Aws, &SdkConfig),
        (environment, bucket): (&environment::Privacy, ExportBucket),
        queues: Queues,
        revoker: &Arc<Revoker>,
    ) -> anyhow::Result<Self> {
        let clock = start::clock();
        let posting = Posting::new(
            config,
            &environment.endpoint,
            CALL_TIMEOUT,
            Arc::clone(&clock),
        )?;
        let sockets = ErasedSockets {
            connections: aws.connections(),
            posting,
        };
        let drain = aws.drain(queues.sessions, queues.graph);
        let pool = environment.identity.pool.clone();
        let accounts = PoolAccounts::new(config, pool, CALL_TIMEOUT);
        let grants = GrantsAtApple {
            revoker: Arc::clone(revoker),
            queue: queues.privacy.clone(),
        };
        let outside = Outside {
            before_rows: vec![Arc::new(sockets), Arc::new(QueuesAndGraph(drain))],
            after_rows: vec![
                Arc::new(ExportObjects(bucket)),
                Arc::new(PoolAccount(accounts)),
                Arc::new(grants),
            ],
        };
        let jobs = aws.jobs();
        let eraser = Eraser {
            store: aws.erasure(),
            federation: aws.federation(),
            revoker: Arc::clone(revoker) as _,
            jobs: Arc::clone(&jobs),
            verifier: Arc::new(NothingHeld),
            sockets: Arc::new(NothingHeld),
            outside,
            clock: Arc::clone(&clock),
        };
        Ok(Self {
            aws: aws.clone(),
            eraser,
            jobs,
            queue: queues.privacy,
            clock,
        })
    }

    /// Erases the teen, if a job says so, or comes as far as it can. Failing means that not even that
    /// could be noted.
    pub(super) async fn run(&self, job: &PrivacyJob, teen: TeenId) -> Result<(), PortError> {
        let Some(queued) = self.aws.erase_job(teen).await? else {
            tracing::info!("nobody is to be erased for this message");
            return Ok(());
        };
        match self.stretch(teen).await {
            Ok(Erasure::Done { .. }) => match self.jobs.remove(&queued).await {
                Ok(()) => Ok(()),
                Err(error) => self.put_back(&queued, &error).await,
            },
            Ok(Erasure::Waits) => self.hand_on(job, &queued).await,
            Err(error) => self.put_back(&queued, &error).await,
        }
    }

    /// As far as one invocation comes.
    async fn stretch(&self, teen: TeenId) -> Result<Erasure, PortError> {
        let end = self.clock.now().plus(STRETCH);
        let mut pause = PAUSE;
        loop {
            let came = Box::pin(self.eraser.run(teen, Some(end))).await?;
            let over = self.clock.now().plus(pause) >= end;
            if over || matches!(came, Erasure::Done { .. }) {
                return Ok(came);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn hand_on(&self, job: &PrivacyJob, queued: &MemoryJob) -> Result<(), PortError> {
        let next = job.next();
        if next.step < STRETCHES {
            return self.queue.send(&next, self.clock.now()).await;
        }
        tracing::warn!("an erasure waits for queues that are not worked off; it is resumed later");
        self.jobs
            .defer(queued, self.clock.now().plus(RESUMED))
            .await
    }

    async fn put_back(&self, queued: &MemoryJob, error: &PortError) -> Result<(), PortError> {
        tracing::error!(
            operation = error.operation(),
            error.kind = ?error.kind(),
            attempts = queued.attempts,
            "an erasure failed and was put back"
        );
        let pause = Duration::from_secs(2_u64.saturating_pow(queued.attempts.min(8)).min(300));
        self.jobs.defer(queued, self.clock.now().plus(pause)).await
    }
}
