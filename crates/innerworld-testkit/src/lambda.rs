//! A Lambda service that runs one function: its real program, by the Runtime API of 2018-06-01.
//!
//! The program gets the environment that it would get on AWS and nothing else, is given one event at
//! a time, and is killed when it takes longer than its timeout. The next event then starts it anew,
//! as on AWS. Not played: freezing between events, more than one event at once.

mod api;
mod invocations;
mod program;

use std::{path::PathBuf, time::Duration};

use tokio::time::timeout;

pub use self::invocations::Invocations;
use self::{
    api::{Api, Said},
    program::Program,
};

/// How long a program may take before it asks for its first event.
const INIT: Duration = Duration::from_secs(10);

/// A function to run.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its program.
    pub program: PathBuf,
    /// Its name.
    pub name: String,
    /// Variables that its deployment sets. Those of Lambda itself are added.
    pub environment: Vec<(String, String)>,
    /// How long one event may take.
    pub timeout: Duration,
    /// Memory, megabytes; told, not enforced.
    pub memory_mb: u32,
}

/// How an event ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The function answered.
    Answered(String),
    /// It reported an error: a JSON object with `errorType` and `errorMessage`.
    Failed(String),
    /// It reported that it cannot start.
    InitFailed(String),
    /// Its program ended without an answer, with this exit code; `None` by a signal.
    Ended(Option<i32>),
    /// It took too long and was killed.
    TimedOut,
    /// Its answer was longer than 6 MB.
    TooLarge,
}

/// The service with one function.
#[derive(Debug)]
pub struct LambdaDouble {
    function: Function,
    running: Option<Running>,
    starts: usize,
    /// What programs that have ended wrote.
    written: String,
}

#[derive(Debug)]
struct Running {
    api: Api,
    program: Program,
}

impl LambdaDouble {
    /// A service that starts the function with its first event.
    pub fn new(function: Function) -> Self {
        Self {
            function,
            running: None,
            starts: 0,
            written: String::new(),
        }
    }

    /// Gives the function an event and waits for the end of it.
    pub async fn invoke(&mut self, event: impl Into<Vec<u8>>) -> Outcome {
        if let Err(outcome) = self.ensure_running().await {
            return outcome;
        }
        let running = self.running.as_mut().unwrap();
        running.api.give(event.into(), self.function.timeout);
        let said = timeout(self.function.timeout, running.api.said()).await;
        match said {
            Ok(Said::Answer(body)) => Outcome::Answered(body),
            Ok(Said::Error(body)) => Outcome::Failed(body),
            Ok(Said::TooLarge) => Outcome::TooLarge,
            Ok(Said::InitError(body)) => Outcome::InitFailed(body),
            Ok(Said::Ended | Said::Ready) => Outcome::Ended(self.ended()),
            Err(_elapsed) => {
                self.stop();
                Outcome::TimedOut
            }
        }
    }

    /// How often the program was started.
    pub fn starts(&self) -> usize {
        self.starts
    }

    /// All that the function wrote, on standard output and standard error. Complete once its
    /// program has ended.
    pub fn written(&self) -> String {
        let running = self
            .running
            .as_ref()
            .map(|running| running.program.written());
        format!("{}{}", self.written, running.unwrap_or_default())
    }

    /// Ends the program, if it runs.
    pub fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.program.kill();
            self.written.push_str(&running.program.end().1);
        }
    }

    /// The exit code of a program that is ending by itself.
    fn ended(&mut self) -> Option<i32> {
        let (code, written) = self.running.take()?.program.end();
        self.written.push_str(&written);
        code
    }

    async fn ensure_running(&mut self) -> Result<(), Outcome> {
        if self.running.is_some() {
            return Ok(());
        }
        self.starts += 1;
        let api = Api::start().await;
        let program = Program::start(&self.function, &api);
        let running = self.running.insert(Running { api, program });
        match timeout(INIT, running.api.said()).await {
            Ok(Said::Ready) => Ok(()),
            Ok(Said::InitError(body)) => {
                self.stop();
                Err(Outcome::InitFailed(body))
            }
            Ok(Said::Ended) => Err(Outcome::Ended(self.ended())),
            Ok(said) => panic!("the program said {said:?} before it asked for an event"),
            Err(_elapsed) => {
                self.stop();
                Err(Outcome::TimedOut)
            }
        }
    }
}
