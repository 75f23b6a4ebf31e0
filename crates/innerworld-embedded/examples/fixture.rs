//! Makes a small data folder in the formats of this build: `cargo xtask fixture` runs it with the
//! folder to make it in.
//!
//! Ids, keys and clock are fixed, so that making it twice gives the same contents. The master key
//! in it is public and protects nothing.

#[path = "../tests/it/fixture_contents.rs"]
mod fixture_contents;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use innerworld_embedded::{Embedded, OpenOptions};
use innerworld_testkit::{FakeClock, SeededIds, fixture};
use rusqlite::Connection;

use self::fixture_contents::{FILES, contents, stores};

type Failure = Box<dyn std::error::Error>;

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
    fixture::write(&stores(&embedded)).await;
    let contents = contents(&embedded).await?;
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
