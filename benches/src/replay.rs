//! `replay`: recorded conversations through the real server over real sockets that are cut, while
//! the server is killed. Nothing acknowledged may be lost or doubled.

mod overrides;
mod place;
mod plan;
mod session;
mod stored;
mod tally;
mod teen;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::Args;
use innerworld_language::pii::Scrub;
use tokio::{sync::watch, task::JoinSet, time::Instant};

use self::{
    place::Place,
    plan::Kill,
    tally::{Result as Found, Tally},
    teen::Course,
};
use crate::{
    locomo::{self, Conversation},
    person,
    random::Random,
    report,
    server::Server,
    upstream::{self, Script},
};

/// Play recorded conversations through a server that is cut off and killed
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Conversations in the format of the `LoCoMo` data set
    data: PathBuf,
    /// The server's executable
    #[arg(long, value_name = "PATH")]
    server: PathBuf,
    /// Socket cuts in the middle of answers, over the whole run
    #[arg(long, default_value_t = 1_000)]
    cuts: usize,
    /// Times that the server is killed with SIGKILL
    #[arg(long, default_value_t = 10)]
    kills: usize,
    /// Conversations at the same time, each a different teen
    #[arg(long, default_value_t = 2)]
    conversations: usize,
    /// Where cuts and kills fall
    #[arg(long, default_value_t = 1)]
    seed: u64,
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
    /// End with the figures as one JSON object
    #[arg(long)]
    json: bool,
}

impl Replay {
    /// Plays; fails if a demand does not hold.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let mut conversations = locomo::read(&self.data)?;
        if conversations.len() < self.conversations || self.conversations == 0 {
            bail!("the file holds {} conversations", conversations.len());
        }
        conversations.truncate(self.conversations);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let found = runtime.block_on(Box::pin(self.play(conversations)))?;
        report::say("replay");
        report::table(&found.rows());
        let failures = found.failures();
        for failure in &failures {
            report::say(&format!("FAILED: {failure}"));
        }
        if self.json {
            report::json(&found.json());
        }
        Ok(if failures.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
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
        let server = self.start(&config, folder.path())?;
        let started = Instant::now();
        let played = self.run_all(conversations, server, &place).await;
        let seconds = started.elapsed().as_secs();
        let Played {
            tally,
            kills,
            planned_messages,
        } = match played {
            Ok(played) => played,
            Err(error) => {
                show_log(&folder.path().join("server.log"));
                return Err(error);
            }
        };
        let (model_calls, max_calls_per_message) = script.counted();
        Ok(Found {
            tally,
            planned_messages,
            planned_cuts: self.cuts,
            planned_kills: self.kills,
            kills,
            model_calls,
            max_calls_per_message,
            seconds,
            seed: self.seed,
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

    fn start(&self, config: &Path, folder: &Path) -> anyhow::Result<Server> {
        let server = Server::start(&self.server, config, folder)?;
        report::progress(&format!("server ready at {}", server.ready.http_url));
        Ok(server)
    }

    async fn run_all(
        &self,
        conversations: Vec<Conversation>,
        server: Server,
        place: &Place,
    ) -> anyhow::Result<Played> {
        let mut random = Random::new(self.seed);
        let planned_messages = conversations.iter().map(Conversation::messages).sum();
        let sessions: usize = conversations.iter().map(|talk| talk.sessions.len()).sum();
        let steps = planned_messages + sessions;
        let kills = plan::kills(steps, self.kills, &mut random);
        let cuts = plan::cuts(&conversations, self.cuts, &mut random);
        let (progress, watching) = watch::channel(0);
        let url = server.ready.http_url.clone();
        let mut teens = JoinSet::new();
        for (number, (conversation, cuts)) in conversations.into_iter().zip(cuts).enumerate() {
            let (id, account) = person::sign_up(&url, number)
                .await
                .context("a teen could not sign up")?;
            let random = Random::new(random.next());
            let course = Course {
                cuts,
                random,
                steps: progress.clone(),
            };
            teens.spawn(async move {
                let played = Box::pin(teen::play(account, &conversation, course)).await;
                played.map(|(tally, kept)| (id, tally, kept))
            });
        }
        drop(progress);
        let mut killer = JoinSet::new();
        killer.spawn(kill_all(kills, watching, server, steps));
        let mut tally = Tally::default();
        let mut memories = Vec::new();
        while let Some(ended) = teens.join_next().await {
            let (id, one, kept) = ended.context("a teen's task ended badly")??;
            tally.add(&one);
            memories.push((id, kept));
        }
        let killed = killer.join_next().await.context("no killer")?;
        let (kills, server) = killed.context("the killer's task ended badly")??;
        let memory = place.memory(server).await?;
        for (id, kept) in memories {
            tally.remembered_once += stored::remembered_once(&*memory, id, &kept).await?;
        }
        Ok(Played {
            tally,
            kills,
            planned_messages,
        })
    }
}

/// What a run gave.
struct Played {
    tally: Tally,
    kills: usize,
    planned_messages: usize,
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

/// Kills the server whenever the talks have come far enough; it lives until they are over.
async fn kill_all(
    kills: Vec<Kill>,
    mut steps: watch::Receiver<usize>,
    server: Server,
    all: usize,
) -> anyhow::Result<(usize, Server)> {
    let mut server = server;
    let mut done = 0;
    for kill in kills {
        if steps.wait_for(|steps| *steps >= kill.after).await.is_err() {
            break;
        }
        let delay = u64::try_from(kill.delay_ms).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(delay)).await;
        let killed =
            tokio::task::spawn_blocking(move || server.kill_and_restart().map(|()| server));
        server = killed.await.context("the server could not be killed")??;
        done += 1;
        report::progress(&format!(
            "step {} of {all}: killed and restarted ({done})",
            *steps.borrow()
        ));
    }
    // Ends when every teen has dropped its sender.
    while steps.changed().await.is_ok() {
        let now = *steps.borrow_and_update();
        if now.is_multiple_of(50) {
            report::progress(&format!("step {now} of {all}"));
        }
    }
    Ok((done, server))
}

/// The end of the server's own log: it holds nothing that anybody said.
fn show_log(path: &Path) {
    let log = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    for line in lines.iter().skip(lines.len().saturating_sub(20)) {
        report::progress(line);
    }
}
