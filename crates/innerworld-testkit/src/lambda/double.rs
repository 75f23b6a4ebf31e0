//! One function, one program of it at a time.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, timeout};

use super::{
    Function, Outcome,
    api::{Api, Said},
    book::Book,
    program::Program,
};

/// How long a program may take before it asks for its first event.
const INIT: Duration = Duration::from_secs(10);

/// The service with one function.
#[derive(Debug)]
pub struct LambdaDouble {
    function: Arc<Function>,
    running: Option<Running>,
    book: Arc<Book>,
}

#[derive(Debug)]
struct Running {
    api: Api,
    program: Program,
    /// How long its start took.
    start: Duration,
}

impl LambdaDouble {
    /// A service that starts the function with its first event.
    pub fn new(function: Function) -> Self {
        Self::with(Arc::new(function), Arc::default())
    }

    /// One of several that write into the same book.
    pub(super) fn with(function: Arc<Function>, book: Arc<Book>) -> Self {
        Self {
            function,
            running: None,
            book,
        }
    }

    /// Starts the program, if none runs; how long it took until it asked for its first event.
    pub async fn start(&mut self) -> Result<Duration, Outcome> {
        self.ensure_running().await?;
        Ok(self
            .running
            .as_ref()
            .map_or(Duration::ZERO, |running| running.start))
    }

    /// The number of its process, while one runs.
    pub fn process(&self) -> Option<u32> {
        Some(self.running.as_ref()?.program.id())
    }

    /// Gives the function an event and waits for the end of it.
    pub async fn invoke(&mut self, event: impl Into<Vec<u8>>) -> Outcome {
        let number = self.book.given();
        self.invoke_as(&request_id(number), event.into()).await
    }

    /// The same, under an id that was given before: it is tried again.
    pub(super) async fn invoke_as(&mut self, id: &str, event: Vec<u8>) -> Outcome {
        if let Err(outcome) = self.ensure_running().await {
            return outcome;
        }
        let running = self.running.as_mut().unwrap();
        running.program.thaw();
        running.api.give(id, event, self.function.timeout);
        let said = timeout(self.function.timeout, running.api.said()).await;
        if let Ok(Said::Answer(_) | Said::Error(_)) = said {
            // What a function leaves undone when it answers waits for its next event.
            running.program.freeze();
        }
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
        self.book.starts()
    }

    /// All that the function wrote, on standard output and standard error. Complete once its
    /// program has ended.
    pub fn written(&self) -> String {
        self.book.written()
    }

    /// Ends the program, if it runs.
    pub fn stop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.program.kill();
            running.program.end();
        }
    }

    /// The exit code of a program that is ending by itself.
    fn ended(&mut self) -> Option<i32> {
        self.running.take()?.program.end()
    }

    async fn ensure_running(&mut self) -> Result<(), Outcome> {
        if self.running.is_some() {
            return Ok(());
        }
        self.book.started();
        let api = Api::start(&self.function.name).await;
        let started = Instant::now();
        let program = Program::start(&self.function, &api, &self.book);
        let running = self.running.insert(Running {
            api,
            program,
            start: Duration::ZERO,
        });
        match timeout(INIT, running.api.said()).await {
            Ok(Said::Ready) => {
                running.start = started.elapsed();
                Ok(())
            }
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

/// The id of a request, in the form that the service gives them.
pub(super) fn request_id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}
