//! `replay-functions`: the same conversations through gateways, functions, queues and tables, with
//! everything that may go wrong at once: sockets are cut, half of all `$disconnect` events are lost,
//! every event and every message of a queue comes twice, and functions are killed at their work.

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use clap::Args;
use innerworld::client::{
    account::{Account, Ground},
    http::Server,
    tokens::Tokens,
};
use innerworld_core::{ids::TeenId, secret::Secret};
use innerworld_embedded::{OsIds, SystemClock};
use innerworld_testkit::{
    aws_json,
    fifo_queue::{Feed, FifoQueue},
    gateway::{Gateway, GatewaySettings, Routes},
    http_api::HttpApi,
    lambda::{Delivery, Invokes as _, LambdaService},
    signature::Caller,
};
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{Options, is_due, messages, plan::Kill, script, stored, tally, until_over};
use crate::{
    deployment::{Deployment, Peers},
    locomo::Conversation,
    person, report, upstream,
};

/// Functions that a talk passes, and what comes after it.
const FUNCTIONS: [&str; 8] = [
    "account-api",
    "authorizer",
    "connect-handler",
    "conversation-handler",
    "disconnect-handler",
    "session-processor",
    "session-sweeper",
    "turn-worker",
];
const WORKER: &str = "turn-worker";
const PROCESSOR: &str = "session-processor";
/// Who is killed, one after the other.
const KILLED: [&str; 3] = [WORKER, WORKER, PROCESSOR];
/// The longest call of a function; unoptimised, one reads its models for seconds.
const TIMEOUT: Duration = Duration::from_secs(120);
/// An event whose function died is tried again after the lease on its turn has run out.
const PAUSE: Duration = Duration::from_secs(16);
/// A queue's message whose function died is seen again after this time.
const VISIBILITY: Duration = Duration::from_secs(15);
/// Between two visits of the sweeper.
const SWEEP: Duration = Duration::from_secs(10);
/// Between two looks whether somebody works who is to be killed.
const LOOK: Duration = Duration::from_millis(5);

/// Play recorded conversations through functions that are killed
#[derive(Debug, Args)]
pub(crate) struct ReplayFunctions {
    #[command(flatten)]
    options: Options,
    /// The folder with the functions' programs
    #[arg(long, value_name = "DIR")]
    programs: PathBuf,
    #[command(flatten)]
    peers: Peers,
    /// Where functions find their queues
    #[arg(long, value_name = "URL")]
    queues_at: String,
    /// Mean milliseconds between two words of the scripted model
    #[arg(long, default_value_t = 60)]
    word_ms: u64,
}

/// The functions behind their gateways.
struct Deployed {
    service: LambdaService,
    gateway: Gateway,
    api: HttpApi,
    _feed: Feed,
    _sweeping: JoinSet<()>,
}

impl ReplayFunctions {
    /// Plays; fails if a demand does not hold.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        self.options.run(|conversations| self.play(conversations))
    }

    async fn play(&self, conversations: Vec<Conversation>) -> anyhow::Result<tally::Result> {
        let script = script(&conversations);
        let mut upstream = JoinSet::new();
        let pace = Duration::from_millis(self.word_ms);
        let address = upstream::start(script.clone(), pace, &mut upstream).await?;
        let deployment = Deployment::new("replay", &self.peers, address).await?;
        let deployed = self.deploy(&deployment).await;
        let planned_messages = messages(&conversations);
        let started = Instant::now();
        let played = self.run_all(conversations, &deployment, &deployed).await;
        let played = played.inspect_err(|_error| deployed.explain())?;
        let seconds = started.elapsed().as_secs();
        deployed.service.settled().await;
        deployed.gateway.settled().await;
        Ok(tally::Result {
            seconds,
            open_turns: self.open_turns(&deployment).await?,
            ..self.options.found(played, planned_messages, &script)
        })
    }

    async fn deploy(&self, deployment: &Deployment) -> Deployed {
        let service = LambdaService::start().await;
        service.deliver(Delivery {
            retries: 2,
            pause: PAUSE,
            twice: true,
        });
        let settings = GatewaySettings {
            stage: "replay".to_owned(),
            routes: Routes::of_the_product(),
            disconnects_lost: 0.5,
            ..GatewaySettings::default()
        };
        let invokes = Arc::new(service.clone());
        let gateway = Gateway::start(settings, invokes.clone(), Caller::of_functions()).await;
        let ended = FifoQueue::create(&self.queues_at, "session-ended", VISIBILITY).await;
        for name in FUNCTIONS {
            let mut function = deployment.function(name, self.programs.join(name));
            for (variable, value) in [
                ("WEBSOCKET_ENDPOINT", gateway.management_endpoint()),
                ("AWS_ENDPOINT_URL_LAMBDA", service.endpoint()),
                ("AWS_ENDPOINT_URL_SQS", self.queues_at.clone()),
                ("SESSION_QUEUE_URL", ended.url().to_owned()),
                // Answers come in pieces small enough to be cut between.
                ("DELTA_FLUSH_MS", "50".to_owned()),
                ("CHECKPOINT_MS", "500".to_owned()),
            ] {
                function.tell(variable, &value);
            }
            function.timeout = TIMEOUT;
            service.deploy(function);
        }
        Deployed {
            api: HttpApi::start(invokes.clone(), "account-api").await,
            _feed: ended.feed(invokes, PROCESSOR, true),
            _sweeping: sweeping(service.clone()),
            service,
            gateway,
        }
    }

    async fn run_all(
        &self,
        conversations: Vec<Conversation>,
        deployment: &Deployment,
        deployed: &Deployed,
    ) -> anyhow::Result<(tally::Tally, usize)> {
        let mut teens = Vec::new();
        for (_conversation, bits) in conversations.iter().zip(1..) {
            let teen = TeenId::from_subject_bits(bits);
            let account = deployed.account(deployment.token(teen)).await;
            teens.push((teen, account.context("a teen could not be let in")?));
        }
        let service = deployed.service.clone();
        let kill = |kills, steps, all| kill_some(kills, steps, service, all);
        let (mut tally, memories, kills) = self.options.play(conversations, teens, kill).await?;
        let memory = deployment.aws.graph();
        for (id, kept) in memories {
            tally.remembered_once += stored::remembered_once(&*memory, id, &kept).await?;
        }
        Ok((tally, kills))
    }

    /// How many turns there are that have not ended.
    async fn open_turns(&self, deployment: &Deployment) -> anyhow::Result<u64> {
        let wanted = json!({
            "TableName": deployment.names.sessions, "Select": "COUNT", "ConsistentRead": true,
            "FilterExpression": "attribute_exists(turn_id) AND #state <> :ended",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":ended": {"S": "ended"}},
        });
        let scan = ("dynamodb", "DynamoDB_20120810.Scan");
        let found = aws_json::call(&self.peers.tables_at, scan, wanted).await;
        ensure!(found.get("LastEvaluatedKey").is_none(), "rows without end");
        let count = found.get("Count").and_then(Value::as_u64);
        count.context("the table was not counted")
    }
}

impl Deployed {
    /// A teen with this token, who agrees to everything.
    async fn account(&self, token: String) -> anyhow::Result<Account> {
        let server = Server::new(&self.api.url())?;
        let ground = Ground {
            clock: Arc::new(SystemClock),
            ids: Arc::new(OsIds),
        };
        let account = Account {
            discovery: server.discover().await?,
            server,
            tokens: Tokens {
                access: Secret::new(token),
                refresh: None,
                expires_at: ground.clock.now().plus(Duration::from_secs(3_600)),
            },
            store: None,
            ground,
        };
        person::complete(&account).await?;
        Ok(account)
    }

    /// Says what may have been wrong. Functions write nothing that anybody said.
    fn explain(&self) {
        for name in FUNCTIONS {
            let written = self.service.written(name);
            report::last_lines(name, &written);
        }
        report::progress(&format!(
            "events that were given up: {}",
            self.service.lost().len()
        ));
        for call in self.gateway.failed_calls() {
            report::progress(&format!("{} failed: {:?}", call.function, call.outcome));
        }
    }
}

/// The sweeper's schedule.
fn sweeping(service: LambdaService) -> JoinSet<()> {
    let mut sweeping = JoinSet::new();
    sweeping.spawn(async move {
        loop {
            sleep(SWEEP).await;
            let event = json!({"detail-type": "Scheduled Event"});
            service.invoke("session-sweeper", event).await;
        }
    });
    sweeping
}

/// Kills functions at their work whenever the talks have come far enough; how often it did.
async fn kill_some(
    kills: Vec<Kill>,
    mut steps: watch::Receiver<usize>,
    service: LambdaService,
    all: usize,
) -> usize {
    let mut done = 0;
    for (kill, function) in kills.into_iter().zip(KILLED.into_iter().cycle()) {
        if !is_due(kill, &mut steps).await {
            break;
        }
        while service.busy(function) == 0 && steps.has_changed().is_ok() {
            sleep(LOOK).await;
        }
        let killed = service.kill(function);
        done += usize::from(killed > 0);
        let now = *steps.borrow();
        report::progress(&format!(
            "step {now} of {all}: {killed} of {function} killed"
        ));
    }
    until_over(steps, all).await;
    done
}
