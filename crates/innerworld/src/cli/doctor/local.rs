//! Data folder, disk, clock, and the encoder that an operator names.

use std::{
    fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

use innerworld_core::{
    clock::Clock as _,
    health::{HealthCheck, HealthState},
};
use innerworld_embedded::SystemClock;
use innerworld_language::embed::StaticEncoder;

use super::check;
use crate::{
    config::{Loaded, memory::EncoderKind},
    wire::encoder,
};

const MIB: u64 = 1024 * 1024;
/// Below this the databases cannot work: a log alone may need as much.
const DISK_DOWN: u64 = 64 * MIB;
/// Below this an operator should look.
const DISK_LOW: u64 = 1024 * MIB;
/// File times may lie this far ahead before the clock is doubted.
const CLOCK_SLACK: Duration = Duration::from_secs(300);

/// Everything on this machine but the stores.
pub(super) fn checks(loaded: &Loaded) -> Vec<HealthCheck> {
    let folder = &loaded.data_dir;
    let (found, now) = data_folder(folder);
    let now = now.unwrap_or_else(|| {
        let millis = u64::try_from(SystemClock.now().as_millis()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
    });
    let mut checks = vec![found, clock(folder, now), disk(folder)];
    checks.extend(named_encoder(loaded));
    checks.push(apple(loaded));
    checks
}

/// Whether people can sign in with Apple. What is half set does not come this far.
fn apple(loaded: &Loaded) -> HealthCheck {
    let apple = &loaded.config.auth.apple;
    let detail = match (apple.is_on(), &apple.store_root_file) {
        (false, _) => "Sign in with Apple is off (`[auth.apple]`)",
        (true, None) => "Sign in with Apple is on; notifications of the App Store are refused",
        (true, Some(_)) => "Sign in with Apple is on; notifications of the App Store are taken",
    };
    check("apple", HealthState::Ok, detail)
}

/// Reads the encoder's folder as a start does, if there is one.
fn named_encoder(loaded: &Loaded) -> Option<HealthCheck> {
    let config = &loaded.config.memory;
    if config.encoder != EncoderKind::Minilm {
        return None;
    }
    let opened = StaticEncoder::shipped()
        .map_err(anyhow::Error::from)
        .and_then(|shipped| encoder::open(config, shipped.into()));
    let (state, detail) = match opened {
        Ok(opened) => {
            let version = opened.map_or_else(String::new, |encoder| encoder.version().to_owned());
            (HealthState::Ok, format!("{version} can be used"))
        }
        Err(error) => (HealthState::Down, format!("{error:#}")),
    };
    Some(check("encoder", state, detail))
}

/// What was found, and the present as the folder's file system sees it.
fn data_folder(folder: &Path) -> (HealthCheck, Option<SystemTime>) {
    let report = |state, text: String| {
        let detail = format!("{} {text}", folder.display());
        check("data_folder", state, detail)
    };
    if !folder.exists() {
        let text = "is not there yet; the first start makes it".to_owned();
        return (report(HealthState::Degraded, text), None);
    }
    if !folder.is_dir() {
        let text = "is not a folder; name another with --data-dir".to_owned();
        return (report(HealthState::Down, text), None);
    }
    match probe(folder) {
        Ok(now) => (
            report(HealthState::Ok, "can be written".to_owned()),
            Some(now),
        ),
        Err(error) => {
            let text = format!("cannot be written: {error}");
            (report(HealthState::Down, text), None)
        }
    }
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
    let program = std::env::current_exe().and_then(fs::metadata);
    let of_program = program.and_then(|found| found.modified()).ok();
    let newest = entries
        .filter_map(|entry| entry.metadata().ok()?.modified().ok())
        .chain(of_program)
        .max();
    match newest.and_then(|newest| newest.duration_since(now).ok()) {
        Some(ahead) if ahead > CLOCK_SLACK => {
            let detail = format!(
                "the clock is {} s behind a file of the data folder or this program; set it \
                 before starting",
                ahead.as_secs()
            );
            check("clock", HealthState::Down, detail)
        }
        _ => check(
            "clock",
            HealthState::Ok,
            "is not behind the data folder or this program",
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

/// Whether users other than the owner may read a file.
#[cfg(unix)]
pub(super) fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_open_to_others(_: &Path) -> bool {
    false
}
