//! Data folder, disk, clock, key file.

use std::{
    fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

use innerworld_core::health::{HealthCheck, HealthState};

use super::check;
use crate::config::Loaded;

const MIB: u64 = 1024 * 1024;
/// Below this the databases cannot work: a log alone may need as much.
const DISK_DOWN: u64 = 64 * MIB;
/// Below this an operator should look.
const DISK_LOW: u64 = 1024 * MIB;
/// File times may lie this far ahead before the clock is doubted.
const CLOCK_SLACK: Duration = Duration::from_secs(300);

/// Everything on this machine.
pub(super) fn checks(loaded: &Loaded) -> Vec<HealthCheck> {
    let folder = &loaded.data_dir;
    let mut checks = Vec::new();
    if folder.is_dir() {
        match probe(folder) {
            Ok(now) => {
                let detail = format!("{} can be written", folder.display());
                checks.push(check("data_folder", HealthState::Ok, detail));
                checks.push(clock(folder, now));
            }
            Err(error) => {
                let detail = format!("{} cannot be written: {error}", folder.display());
                checks.push(check("data_folder", HealthState::Down, detail));
            }
        }
    } else {
        let detail = format!(
            "{} is not there yet; the first start makes it",
            folder.display()
        );
        checks.push(check("data_folder", HealthState::Degraded, detail));
    }
    checks.push(disk(folder));
    if let Some(path) = &loaded.config.storage.master_key_file {
        checks.push(master_key(path));
    }
    checks
}

/// Writes, syncs and removes a file; its time is the present by the system's clock.
fn probe(folder: &Path) -> io::Result<SystemTime> {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    let written = fs::write(&path, b"probe").and_then(|()| {
        let file = fs::File::open(&path)?;
        file.sync_all()?;
        file.metadata()?.modified()
    });
    let removed = fs::remove_file(&path);
    written.and_then(|now| removed.map(|()| now))
}

/// A clock that stands before the times of files that exist has jumped back.
fn clock(folder: &Path, now: SystemTime) -> HealthCheck {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let newest = entries
        .filter_map(|entry| entry.metadata().ok()?.modified().ok())
        .max();
    match newest.and_then(|newest| newest.duration_since(now).ok()) {
        Some(ahead) if ahead > CLOCK_SLACK => {
            let detail = format!(
                "the clock is {} s behind a file in the data folder; set it before starting",
                ahead.as_secs()
            );
            check("clock", HealthState::Down, detail)
        }
        _ => check(
            "clock",
            HealthState::Ok,
            "agrees with the files of the data folder",
        ),
    }
}

fn disk(folder: &Path) -> HealthCheck {
    let Some(existing) = folder.ancestors().find(|folder| folder.is_dir()) else {
        return check(
            "disk",
            HealthState::Down,
            "no part of the data folder's path exists",
        );
    };
    let free = match rustix::fs::statvfs(existing) {
        Ok(found) => found.f_bavail.saturating_mul(found.f_frsize),
        Err(error) => {
            return check(
                "disk",
                HealthState::Down,
                format!("could not be asked: {error}"),
            );
        }
    };
    let state = match free {
        ..DISK_DOWN => HealthState::Down,
        DISK_DOWN..DISK_LOW => HealthState::Degraded,
        DISK_LOW.. => HealthState::Ok,
    };
    check("disk", state, format!("{} MiB are free", free / MIB))
}

fn master_key(path: &Path) -> HealthCheck {
    match fs::metadata(path) {
        Err(error) => {
            let detail = format!("{} cannot be read: {error}", path.display());
            check("master_key", HealthState::Down, detail)
        }
        Ok(found) if is_open_to_others(&found) => {
            let detail = format!(
                "other users can read it; run `chmod 600 {}`",
                path.display()
            );
            check("master_key", HealthState::Degraded, detail)
        }
        Ok(_) => check(
            "master_key",
            HealthState::Ok,
            "is there, for its owner only",
        ),
    }
}

#[cfg(unix)]
fn is_open_to_others(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}
