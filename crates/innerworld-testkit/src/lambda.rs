//! Lambda: functions as their real programs, by the Runtime API of 2018-06-01.
//!
//! A program gets the environment that it would get on AWS and nothing else, is given one event at a
//! time, and is killed when it takes longer than its timeout. The next event then starts it anew, as
//! on AWS. [`LambdaDouble`] runs one program of one function; [`LambdaService`] runs several
//! functions with as many programs as there are events at once, delivers events that nobody waits
//! for, and speaks Lambda's own API. Between two events a program is frozen (SIGSTOP).

mod api;
mod book;
mod double;
mod invokes;
mod pool;
mod program;
mod service;
mod told;

use std::{path::PathBuf, time::Duration};

pub use self::{
    double::LambdaDouble,
    invokes::{Handlers, Invokes},
    service::{Delivery, LambdaService, LostEvent},
    told::value_of,
};

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
    /// There is no such function.
    Unknown,
}
