//! Makes a small data folder in the formats of this build: `cargo xtask fixture` runs it with the
//! folder to make it in.
//!
//! Ids, keys and clock are fixed, so that making it twice gives the same contents. The master key
//! in it is public and protects nothing.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use innerworld_embedded::{Embedded, OpenOptions};
use innerworld_testkit::{
    FakeClock, SeededIds,
    fixture::{self, EMAIL, Stores},
};
use rusqlite::Connection;

type Failure = Box<dyn std::error::Error>;

const FILES: [&str; 3] = ["keys.db", "live.db", "memory.db"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let parent = std::env::args_os().nth(1).map(PathBuf::from);
    let parent = parent.ok_or("name the folder for fixtures")?;
    let draft = parent.join("draft");
    if draft.exists() {
        fs::remove_dir_all(&draft)?;
    }
    fs::create_dir_all(&draft)?;
    fill(&draft).await?;
    let version = close(&draft)?;
    let folder = parent.join(format!("data-v{version}"));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::rename(&draft, &folder)?;
    Ok(())
}

async fn fill(folder: &Path) -> Result<(), Failure> {
    let embedded = Embedded::open(OpenOptions {
        data_dir: folder.to_owned(),
        master_key_file: folder.join("master.key"),
        clock: Arc::new(FakeClock::default()),
        ids: Arc::new(SeededIds::named("the key of a fixture")),
    })?;
    let stores = Stores {
        accounts: embedded.accounts(),
        keys: embedded.keys(),
        mailer: embedded.outbox(),
        profiles: embedded.profiles(),
        consents: embedded.consents(),
        clocks: embedded.clocks(),
        conversations: embedded.conversations(),
        jobs: embedded.jobs(),
        graph: embedded.graph(),
        safety: embedded.safety(),
        journal: embedded.journal(),
        usage: embedded.usage(),
    };
    fixture::write(&stores).await;
    let mut contents = fixture::read(&stores).await;
    if let Some(contents) = contents.as_object_mut() {
        let code = embedded.newest_code(EMAIL).await?;
        contents.insert("mail".to_owned(), code.into());
    }
    let text = serde_json::to_string_pretty(&contents)? + "\n";
    Ok(fs::write(folder.join("contents.json"), text)?)
}

/// Makes each file as small as it goes, removes what only a running server needs, and gives the
/// folder's version: 1, and one more for each step of any file after its first.
fn close(folder: &Path) -> Result<i32, Failure> {
    let mut version = 1;
    for name in FILES {
        let connection = Connection::open(folder.join(name))?;
        connection.execute_batch("VACUUM")?;
        let steps: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        version += steps - 1;
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let kept = FILES.contains(&&*name) || name == "master.key" || name == "contents.json";
        if !kept {
            fs::remove_file(&path)?;
        }
    }
    Ok(version)
}
