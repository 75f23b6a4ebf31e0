//! Health that touches what it reports.

use innerworld_core::health::{HealthCheck, HealthState};

use crate::{open::Embedded, rows, sqlite::database::Database};

/// Below this the disk is worth a look.
const DISK_LOW: u64 = 512 * 1024 * 1024;
/// Below this writes are about to fail.
const DISK_OUT: u64 = 32 * 1024 * 1024;

impl Embedded {
    /// Reads from and writes to each file, and looks at the free space of the disk.
    pub async fn health(&self) -> Vec<HealthCheck> {
        let shared = &self.shared;
        let now = shared.clock.now().as_millis();
        let mut checks = Vec::with_capacity(4);
        for (name, database) in [
            ("live_store", &shared.live),
            ("memory_store", &shared.memory),
            ("keys", &shared.keys),
        ] {
            checks.push(check_file(name, database, now).await);
        }
        if let Some(path) = shared.live.path() {
            checks.push(check_disk(path));
        }
        checks
    }
}

async fn check_file(name: &'static str, database: &Database, now: i64) -> HealthCheck {
    let report = |state, detail: String| HealthCheck {
        name,
        state,
        detail,
    };
    if database.is_damaged() {
        let detail = "the file is damaged: stop, copy the data directory, restore a backup";
        return report(HealthState::Down, detail.to_owned());
    }
    let written = database
        .write_single("write to a database", None, move |connection| {
            Ok(rows::touch(connection, now)?)
        })
        .await;
    if let Err(error) = written {
        return report(HealthState::Down, with_cause(&error));
    }
    let read: Result<i64, _> = database
        .read("read a database", |connection| {
            Ok(connection
                .prepare_cached("SELECT checked FROM scratch")?
                .query_row([], |row| row.get(0))?)
        })
        .await;
    match read {
        Ok(_) => {
            let waiting = database.waiting_writes();
            report(
                HealthState::Ok,
                format!("read and written; {waiting} writes waiting"),
            )
        }
        Err(error) => report(HealthState::Down, with_cause(&error)),
    }
}

fn with_cause(error: &dyn std::error::Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

fn check_disk(path: &std::path::Path) -> HealthCheck {
    let directory = path.parent().unwrap_or(path);
    let (state, detail) = match free_space(directory) {
        Ok(free) => {
            let state = match free {
                0..DISK_OUT => HealthState::Down,
                DISK_OUT..DISK_LOW => HealthState::Degraded,
                _ => HealthState::Ok,
            };
            (state, format!("{} MiB free", free / (1024 * 1024)))
        }
        Err(error) => (
            HealthState::Degraded,
            format!("free space is unknown: {error}"),
        ),
    };
    HealthCheck {
        name: "disk",
        state,
        detail,
    }
}

#[cfg(unix)]
fn free_space(directory: &std::path::Path) -> std::io::Result<u64> {
    let found = rustix::fs::statvfs(directory)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_space(_directory: &std::path::Path) -> std::io::Result<u64> {
    Err(std::io::ErrorKind::Unsupported.into())
}
