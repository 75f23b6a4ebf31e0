//! The program of a function, as a process of its own.

use std::{
    io::{BufRead as _, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread::{self, JoinHandle},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    Function,
    api::{Api, Said},
    book::Book,
};

/// A started program; it is killed when it is dropped.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    readers: Vec<JoinHandle<()>>,
}

impl Program {
    /// Starts it with its own environment, what Lambda sets, and nothing else. What it writes goes
    /// into the book.
    pub(super) fn start(function: &Function, api: &Api, book: &Arc<Book>) -> Self {
        let mut child = Command::new(&function.program)
            .env_clear()
            .envs(of_lambda(function, api))
            .envs(function.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let teller = api.teller();
        let errors = read(child.stderr.take().unwrap(), Arc::clone(book), || {});
        let output = read(child.stdout.take().unwrap(), Arc::clone(book), move || {
            teller.send(Said::Ended).unwrap_or_default();
        });
        Self {
            child,
            readers: vec![errors, output],
        }
    }

    /// The number of its process.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end, and until all it wrote is in the book; its exit code, if no signal ended
    /// it.
    pub(super) fn end(mut self) -> Option<i32> {
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        self.child.wait().unwrap().code()
    }

    /// Stops it where it is, as the service does between two events.
    pub(super) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub(super) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        // One that has ended takes none.
        kill_process(Pid::from_child(&self.child), signal).unwrap_or_default();
    }

    /// Ends it at once.
    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap_or_default();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().map(|_status| ()).unwrap_or_default();
    }
}

fn read(
    from: impl Read + Send + 'static,
    to: Arc<Book>,
    at_end: impl FnOnce() + Send + 'static,
) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            to.write(&line);
        }
        at_end();
    })
}

/// What Lambda sets (page "Defined runtime environment variables").
fn of_lambda(function: &Function, api: &Api) -> Vec<(&'static str, String)> {
    let text = |text: &str| text.to_owned();
    vec![
        ("AWS_LAMBDA_RUNTIME_API", api.address()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            function.memory_mb.to_string(),
        ),
        ("AWS_LAMBDA_FUNCTION_VERSION", text("$LATEST")),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            format!("/aws/lambda/{}", function.name),
        ),
        ("AWS_LAMBDA_LOG_STREAM_NAME", text("test")),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", text("on-demand")),
        ("AWS_LAMBDA_LOG_FORMAT", text("JSON")),
        ("AWS_LAMBDA_LOG_LEVEL", text("WARN")),
        ("AWS_EXECUTION_ENV", text("AWS_Lambda_provided.al2023")),
        ("AWS_REGION", text("us-east-1")),
        ("AWS_DEFAULT_REGION", text("us-east-1")),
        ("AWS_ACCESS_KEY_ID", text("test")),
        ("AWS_SECRET_ACCESS_KEY", text("test")),
        ("AWS_SESSION_TOKEN", text("test")),
        ("LAMBDA_TASK_ROOT", text("/var/task")),
        ("LAMBDA_RUNTIME_DIR", text("/var/runtime")),
        ("_HANDLER", text("bootstrap")),
        ("LANG", text("en_US.UTF-8")),
        ("PATH", text("/usr/local/bin:/usr/bin:/bin")),
        ("TZ", text(":UTC")),
    ]
}
