//! `innerworld serve` as a process of its own, on free ports, with everything it says kept.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::time::Instant;

use super::innerworld;

/// The longest a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A home folder with a configuration and a data folder; it outlives the servers on it.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    /// A fresh one with this configuration.
    pub(crate) fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("innerworld.toml"), config).unwrap();
        let home = Self { folder };
        home.secret("model.key", "sk-test");
        home
    }

    /// Writes a file that only its owner can read.
    pub(crate) fn secret(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A verb on this home's data and configuration.
    pub(crate) fn verb(&self, verb: &str) -> Command {
        let mut command = innerworld(self.path());
        command
            .args([verb, "--config", "innerworld.toml", "--data-dir", "data"])
            .stdin(Stdio::null());
        command
    }

    /// `serve` on free ports, not started yet.
    pub(crate) fn serve(&self) -> Command {
        let mut command = self.verb("serve");
        command.args(["--json", "--listen", "127.0.0.1:0"]);
        command.args(["--admin-listen", "127.0.0.1:0"]);
        command
    }

    /// The same by a shell that does `first` and then becomes the server.
    pub(crate) fn serve_after(&self, first: &str) -> Command {
        let serve = self.serve();
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("{first}; exec \"$@\""), "sh"])
            .arg(serve.get_program())
            .args(serve.get_args())
            .current_dir(self.path())
            .env_clear();
        for (name, value) in serve.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        command
    }

    /// A server that is ready.
    pub(crate) fn start(&self) -> Serving {
        Serving::spawn(self.serve())
    }

    /// A start that must fail; what it said.
    pub(crate) fn refused(&self) -> Output {
        let output = self.serve().output().unwrap();
        assert!(!output.status.success(), "the server started");
        output
    }
}

/// An output, as far as it was read.
type Kept = Arc<Mutex<Vec<u8>>>;

/// A running server; it is killed if this is dropped.
pub(crate) struct Serving {
    child: Child,
    /// The object that `--json` printed.
    pub(crate) ready: Value,
    out: Kept,
    err: Kept,
    readers: Vec<JoinHandle<()>>,
}

impl Serving {
    /// Starts it and waits until it says that it is ready.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (out, err) = (Kept::default(), Kept::default());
        let (first, ready) = mpsc::channel();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let (kept_out, kept_err) = (Arc::clone(&out), Arc::clone(&err));
        let readers = vec![
            std::thread::spawn(move || {
                let mut line = Vec::new();
                while stdout
                    .read_until(b'\n', &mut line)
                    .is_ok_and(|read| read > 0)
                {
                    kept_out.lock().unwrap().extend(&line);
                    // Only the first line has a reader.
                    first.send(std::mem::take(&mut line)).ok();
                }
            }),
            std::thread::spawn(move || {
                let mut piece = [0; 4_096];
                while let Ok(read @ 1..) = stderr.read(&mut piece) {
                    kept_err.lock().unwrap().extend(&piece[..read]);
                }
            }),
        ];
        let line = ready.recv_timeout(PATIENCE).unwrap_or_default();
        let ready = serde_json::from_slice(&line).unwrap_or_else(|_cause| {
            child.kill().ok();
            let said = String::from_utf8_lossy(&err.lock().unwrap()).into_owned();
            panic!("the server did not become ready: {said}");
        });
        Self {
            child,
            ready,
            out,
            err,
            readers,
        }
    }

    /// An address it named, such as `http_url`.
    pub(crate) fn url(&self, key: &str) -> String {
        self.ready[key].as_str().unwrap().to_owned()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to standard error so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&self.err.lock().unwrap()).into_owned()
    }

    /// All of both outputs so far.
    pub(crate) fn output(&self) -> Vec<u8> {
        let mut all = self.out.lock().unwrap().clone();
        all.extend(&*self.err.lock().unwrap());
        all
    }

    /// Waits until it has said this.
    pub(crate) async fn says(&self, part: &str) {
        eventually(part, || self.said().contains(part)).await;
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Asks it to read its files anew.
    pub(crate) fn hang_up(&self) {
        self.signal("-HUP");
    }

    fn signal(&self, which: &str) {
        let process = self.pid().to_string();
        let sent = Command::new("kill").args([which, &process]).status();
        assert!(sent.unwrap().success());
    }

    /// Kills it without a word.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end; all it ever said, and how it ended.
    pub(crate) fn wait(mut self) -> (ExitStatus, Vec<u8>) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it did not end: {}", self.said());
            std::thread::yield_now();
            std::thread::park_timeout(Duration::from_millis(5));
        };
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        (status, self.output())
    }

    /// Whether the process still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Waits for a condition.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
