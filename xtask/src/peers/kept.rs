//! A peer as a child process that never outlives this program.

use std::{
    fs::{self, File},
    net::SocketAddr,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, bail};

use super::{Place, known::Peer, question::Question};
use crate::process::say;

/// Between two looks at one that is not ready.
pub(super) const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// The longest a start may take, on a machine that is busy with a build.
const PATIENCE: Duration = Duration::from_secs(120);
/// Lines of a log that are shown when a peer ends by itself.
const LAST_LINES: usize = 15;

/// Runs a program in a process group of its own, all of which is killed when the program ends or
/// when nobody holds the other end of standard input any more: also if this one was killed.
const GUARD: &str = r#"{ "$@"; kill -KILL 0; } & cat > /dev/null; kill -KILL 0"#;

/// A running peer; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Kept {
    name: &'static str,
    version: String,
    variables: &'static [&'static str],
    question: Question,
    address: SocketAddr,
    log: PathBuf,
    guard: Child,
}

impl Kept {
    /// Starts a peer in its place.
    pub(super) fn start(name: &'static str, peer: Peer, place: Place) -> anyhow::Result<Self> {
        let log = place.folder.join("log.txt");
        let output = File::create(&log).context("could not make a peer's log")?;
        let address = place.reserved.local_addr()?;
        let mut guard = guarded(&peer.command);
        guard
            .current_dir(&place.folder)
            .stdout(output.try_clone()?)
            .stderr(output);
        // From here on the port is the peer's.
        drop(place.reserved);
        let guard = guard
            .spawn()
            .with_context(|| format!("could not start {name}"))?;
        Ok(Self {
            name,
            version: peer.version,
            variables: peer.variables,
            question: peer.question,
            address,
            log,
            guard,
        })
    }

    /// Waits until it answers; says how long that took.
    #[expect(
        clippy::disallowed_methods,
        reason = "wall time is what is told; there is no runtime whose time could be paused"
    )]
    pub(super) fn wait(&mut self) -> anyhow::Result<()> {
        let started = std::time::Instant::now();
        // Until it listens, being refused is no failure.
        while !self.question.ask(self.address).unwrap_or(false) {
            if let Some(ended) = self.ended() {
                bail!(ended);
            }
            if started.elapsed() > PATIENCE {
                bail!(
                    "{} does not answer after {} s; see {}",
                    self.name,
                    PATIENCE.as_secs(),
                    self.log.display()
                );
            }
            thread::sleep(BETWEEN_LOOKS);
        }
        say(&format!(
            "{} {} answers after {:.1} s",
            self.name,
            self.version,
            started.elapsed().as_secs_f64()
        ));
        Ok(())
    }

    /// If it has ended by itself: what it said last.
    pub(super) fn ended(&mut self) -> Option<String> {
        self.guard.try_wait().ok().flatten()?;
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        let last = lines.len().saturating_sub(LAST_LINES);
        let last = lines.get(last..).unwrap_or_default().join("\n");
        Some(format!(
            "{} ended by itself; see {}\n{last}",
            self.name,
            self.log.display()
        ))
    }

    /// The variables that say where it is.
    pub(super) fn variables(&self) -> &'static [&'static str] {
        self.variables
    }

    /// Where it is.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // Waiting closes the guard's standard input first, which ends it.
        self.guard.wait().map(drop).unwrap_or_default();
    }
}

fn guarded(command: &Command) -> Command {
    let mut guard = Command::new("sh");
    guard
        .args(["-c", GUARD, "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .process_group(0)
        .stdin(Stdio::piped());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => guard.env(name, value),
            None => guard.env_remove(name),
        };
    }
    guard
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _};

    use super::*;

    /// A program that starts another and would run for a minute; both write to standard output
    /// when they run, and close it when they end.
    fn long() -> Child {
        let mut program = Command::new("sh");
        program.args(["-c", "sleep 60 & echo runs; sleep 60"]);
        guarded(&program).stdout(Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn the_whole_group_ends_with_this_end_of_the_pipe() {
        let mut guard = long();
        let mut output = BufReader::new(guard.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "runs\n");
        assert!(guard.try_wait().unwrap().is_none());
        drop(guard.stdin.take());
        // Returns once nobody of the group holds the other end.
        output.read_to_string(&mut line).unwrap();
        assert!(!guard.wait().unwrap().success());
    }

    #[test]
    fn a_program_that_ends_ends_its_guard() {
        let mut guard = guarded(&Command::new("true")).spawn().unwrap();
        let input = guard.stdin.take();
        assert!(!guard.wait().unwrap().success());
        drop(input);
    }
}
