//! `replay`: recorded conversations over real sockets that are cut, while what answers is killed.
//! Nothing acknowledged may be lost or doubled.

mod fleet;
#[cfg(feature = "aws")]
pub(crate) mod functions;
mod overrides;
mod place;
mod plan;
mod session;
mod stored;
mod tally;
mod teen;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use innerworld::client::account::Account;
use innerworld_core::ids::TeenId;
use innerworld_language::pii::Scrub;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};

use self::{
    fleet::Fleet,
    place::Place,
    plan::Kill,
    stored::Kept,
    tally::{Result as Found, Tally},
    teen::Course,
};
use crate::{
    locomo::{self, Conversation},
    random::Random,
    report,
    upstream::{self, Script},
};

/// Play recorded conversations through a server that is cut off and killed
#[derive(Debug, Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    options: Options,
    /// The server's executable
    #[arg(long, value_name = "PATH")]
    server: PathBuf,
    /// Mean milliseconds between two words of the scripted model
    #[arg(long, default_value_t = 8)]
    word_ms: u64,
    /// Let the server keep everything in tables on AWS whose names begin so; they are made first
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "PREFIX", requires = "kms_key")]
    tables: Option<String>,
    /// The KMS key that wraps the keys of what is in the tables
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "KEY", requires = "tables")]
    kms_key: Option<String>,
    /// Servers on the same tables, behind a balancer that sends each connection to the next one
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "COUNT", requires = "tables", default_value_t = 1,
        value_parser = clap::value_parser!(u8).range(1..=8))]
    servers: u8,
}

/// What is played, and how it is hurt.
#[derive(Debug, Args)]
struct Options {
    /// Conversations in the format of the `LoCoMo` data set
    data: PathBuf,
    /// Socket cuts in the middle of answers, over the whole run
    #[arg(long, default_value_t = 1_000)]
    cuts: usize,
    /// Times that a process is killed with SIGKILL
    #[arg(long, default_value_t = 10)]
    kills: usize,
    /// Conversations at the same time, each a different teen
    #[arg(long, default_value_t = 2)]
    conversations: usize,
    /// Where cuts and kills fall
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
}

impl Options {
    fn read(&self) -> anyhow::Result<Vec<Conversation>> {
        let mut conversations = locomo::read(&self.data)?;
        if conversations.len() < self.conversations || self.conversations == 0 {
            bail!("the file holds {} conversations", conversations.len());
        }
        conversations.truncate(self.conversations);
        Ok(conversations)
    }

    /// Plays, says what was found, and fails if a demand does not hold.
    fn run<P: Future<Output = anyhow::Result<Found>>>(
        &self,
        play: impl FnOnce(Vec<Conversation>) -> P,
    ) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let found = runtime.block_on(Box::pin(play(self.read()?)))?;
        Ok(self.close(&found))
    }

    /// What a run found, beside what was asked for.
    fn found(&self, played: (Tally, usize), planned_messages: usize, script: &Script) -> Found {
        let (tally, kills) = played;
        let (model_calls, max_calls_per_message) = script.counted();
        Found {
            tally,
            planned_messages,
            planned_cuts: self.cuts,
            planned_kills: self.kills,
            kills,
            model_calls,
            max_calls_per_message,
            open_turns: 0,
            seconds: 0,
            seed: self.seed,
        }
    }

    fn close(&self, found: &Found) -> ExitCode {
        report::say("replay");
        report::table(&found.rows());
        let failures = found.failures();
        for failure in &failures {
            report::say(&format!("FAILED: {failure}"));
        }
        if self.json {
            report::json(&found.json());
        }
        if failures.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    /// Plays each conversation by a teen of its own, while `kill` does its part: it is given what is
    /// planned, how far the talks are, and how far they go; it ends when they do.
    async fn play<K: Future<Output: Send + 'static> + Send + 'static>(
        &self,
        conversations: Vec<Conversation>,
        teens: Vec<(TeenId, Account)>,
        kill: impl FnOnce(Vec<Kill>, watch::Receiver<usize>, usize) -> K,
    ) -> anyhow::Result<(Tally, Vec<(TeenId, Vec<Kept>)>, K::Output)> {
        let mut random = Random::new(self.seed);
        let sessions: usize = conversations.iter().map(|talk| talk.sessions.len()).sum();
        let steps = messages(&conversations) + sessions;
        let kills = plan::kills(steps, self.kills, &mut random);
        let cuts = plan::cuts(&conversations, self.cuts, &mut random);
        let (progress, watching) = watch::channel(0);
        let mut playing = JoinSet::new();
        let each = conversations.into_iter().zip(cuts).zip(teens);
        for ((conversation, cuts), (id, account)) in each {
            let course = Course {
                cuts,
                random: Random::new(random.next()),
                steps: progress.clone(),
            };
            playing.spawn(async move {
                let played = Box::pin(teen::play(account, &conversation, course)).await;
                played.map(|(tally, kept)| (id, tally, kept))
            });
        }
        drop(progress);
        let mut killer = JoinSet::new();
        killer.spawn(kill(kills, watching, steps));
        let mut tally = Tally::default();
        let mut memories = Vec::new();
        while let Some(ended) = playing.join_next().await {
            let (id, one, kept) = ended.context("a teen's task ended badly")??;
            tally.add(&one);
            memories.push((id, kept));
        }
        let killed = killer.join_next().await.context("no killer")?;
        let killed = killed.context("the killer's task ended badly")?;
        Ok((tally, memories, killed))
    }
}

fn messages(conversations: &[Conversation]) -> usize {
    conversations.iter().map(Conversation::messages).sum()
}

impl Replay {
    /// Plays; fails if a demand does not hold.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        self.options.run(|conversations| self.play(conversations))
    }

    async fn play(&self, conversations: Vec<Conversation>) -> anyhow::Result<Found> {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let script = script(&conversations);
        let mut upstream = JoinSet::new();
        let pace = Duration::from_millis(self.word_ms);
        let address = upstream::start(script.clone(), pace, &mut upstream).await?;
        for line in overrides::lines() {
            report::say(&line);
        }
        let place = self.place();
        place.prepare().await?;
        let config = overrides::write(folder.path(), address, &place.configuration())?;
        let programs = (self.server.as_path(), config.as_path());
        let servers = Fleet::start(programs, folder.path(), self.servers()).await?;
        let started = Instant::now();
        let planned_messages = messages(&conversations);
        let played = self.run_all(conversations, servers, &place).await;
        let seconds = started.elapsed().as_secs();
        let played = match played {
            Ok(played) => played,
            Err(error) => {
                // It holds nothing that anybody said.
                let log = std::fs::read_to_string(folder.path().join("server.log"));
                report::last_lines("server", &log.unwrap_or_default());
                return Err(error);
            }
        };
        Ok(Found {
            seconds,
            ..self.options.found(played, planned_messages, &script)
        })
    }

    #[cfg_attr(
        not(feature = "aws"),
        expect(clippy::unused_self, reason = "as with the feature")
    )]
    fn place(&self) -> Place {
        #[cfg(feature = "aws")]
        if let (Some(prefix), Some(key)) = (&self.tables, &self.kms_key) {
            return Place::Tables(prefix.clone(), key.clone());
        }
        Place::Files
    }

    #[cfg_attr(
        not(feature = "aws"),
        expect(clippy::unused_self, reason = "as with the feature")
    )]
    fn servers(&self) -> usize {
        #[cfg(feature = "aws")]
        return usize::from(self.servers);
        #[cfg(not(feature = "aws"))]
        1
    }

    async fn run_all(
        &self,
        conversations: Vec<Conversation>,
        servers: Fleet,
        place: &Place,
    ) -> anyhow::Result<(Tally, usize)> {
        let mut teens = Vec::new();
        for number in 0..conversations.len() {
            let teen = servers.sign_up(number).await;
            teens.push(teen.context("a teen could not sign up")?);
        }
        let kill = |kills, steps, all| kill_all(kills, steps, servers, all);
        let (mut tally, memories, killed) = self.options.play(conversations, teens, kill).await?;
        let (kills, servers) = killed?;
        let memory = place.memory(servers).await?;
        for (id, kept) in memories {
            tally.remembered_once += stored::remembered_once(&*memory, id, &kept).await?;
        }
        Ok((tally, kills))
    }
}

fn script(conversations: &[Conversation]) -> Script {
    let script = Script::default();
    let scrub = Scrub::new();
    for exchange in conversations
        .iter()
        .flat_map(|talk| talk.sessions.iter().flatten())
    {
        script.add(&scrub, &exchange.message, &exchange.reply);
    }
    script
}

/// Kills a server whenever the talks have come far enough; they live until these are over.
async fn kill_all(
    kills: Vec<Kill>,
    mut steps: watch::Receiver<usize>,
    servers: Fleet,
    all: usize,
) -> anyhow::Result<(usize, Fleet)> {
    let mut servers = servers;
    let mut done = 0;
    for kill in kills {
        if !is_due(kill, &mut steps).await {
            break;
        }
        let killed = tokio::task::spawn_blocking(move || servers.kill_one().map(|()| servers));
        servers = killed.await.context("the server could not be killed")??;
        done += 1;
        report::progress(&format!(
            "step {} of {all}: killed and restarted ({done})",
            *steps.borrow()
        ));
    }
    until_over(steps, all).await;
    Ok((done, servers))
}

/// Waits for the time of a kill; `false` if the talks are over before.
async fn is_due(kill: Kill, steps: &mut watch::Receiver<usize>) -> bool {
    if steps.wait_for(|steps| *steps >= kill.after).await.is_err() {
        return false;
    }
    let delay = u64::try_from(kill.delay_ms).unwrap_or(0);
    sleep(Duration::from_millis(delay)).await;
    true
}

/// Waits until the talks are over, and says how far they are.
async fn until_over(mut steps: watch::Receiver<usize>, all: usize) {
    // Ends when every teen has dropped its sender.
    while steps.changed().await.is_ok() {
        let now = *steps.borrow_and_update();
        if now.is_multiple_of(50) {
            report::progress(&format!("step {now} of {all}"));
        }
    }
}
