//! The databases, the master key, and who serves from the folder.

use innerworld_core::health::{HealthCheck, HealthState};
use innerworld_embedded::{FileError, FileState, KeyState, MasterKeyError, inspect};

use super::{check, local};
use crate::config::{Loaded, storage::Backend};

/// Everything that only the stores' own code can look at.
pub(super) fn checks(loaded: &Loaded) -> Vec<HealthCheck> {
    if loaded.config.storage.backend == Backend::Aws {
        // Whatever lies in the data folder is not what is served.
        let detail = "everything is kept in tables on AWS: `innerworld doctor --aws` looks at them";
        return vec![check("stores", HealthState::Ok, detail)];
    }
    let found = inspect(&loaded.data_dir, &loaded.master_key_file());
    let server = match &found.in_use_by {
        Some(holder) => format!("the data folder is in use by {holder}"),
        None => "nobody serves from the data folder".to_owned(),
    };
    let mut checks = vec![check("server", HealthState::Ok, server)];
    checks.push(master_key(loaded, &found.master_key));
    let files = found.files.into_iter();
    checks.extend(files.map(|(file, state)| store(name_of(file), file, state)));
    checks
}

/// The names that `/health` uses for the same things.
fn name_of(file: &str) -> &'static str {
    match file {
        "live.db" => "live_store",
        "memory.db" => "memory_store",
        _ => "keys",
    }
}

fn store(name: &'static str, file: &str, state: Result<FileState, FileError>) -> HealthCheck {
    match state {
        Ok(FileState::Absent) => {
            let detail = format!("{file} is not there yet; the first start makes it");
            check(name, HealthState::Degraded, detail)
        }
        Ok(FileState::Whole { version, known }) if version < known => {
            let detail = format!(
                "{file} is whole and has format {version}; the next start brings it to {known}: \
                 back it up before"
            );
            check(name, HealthState::Degraded, detail)
        }
        Ok(FileState::Whole { version, .. }) => {
            let detail = format!("{file} is whole and has format {version}");
            check(name, HealthState::Ok, detail)
        }
        Err(error) => check(name, HealthState::Down, with_cause(&error)),
    }
}

fn master_key(loaded: &Loaded, state: &Result<KeyState, MasterKeyError>) -> HealthCheck {
    let path = loaded.master_key_file();
    let (state, detail) = match state {
        Err(error) => (HealthState::Down, with_cause(error)),
        Ok(KeyState::Absent) if loaded.config.storage.master_key_file.is_some() => (
            HealthState::Degraded,
            format!("{} is not there; the first start makes it", path.display()),
        ),
        Ok(KeyState::Absent) => (
            HealthState::Degraded,
            "is not there yet; the first start makes it".to_owned(),
        ),
        Ok(_) if local::is_open_to_others(&path) => (
            HealthState::Degraded,
            format!(
                "other users can read it; run `chmod 600 {}`",
                path.display()
            ),
        ),
        Ok(KeyState::Unproven) => (
            HealthState::Ok,
            "can be read; there is no data yet that it could open".to_owned(),
        ),
        Ok(KeyState::Opens) => (HealthState::Ok, "opens the data".to_owned()),
    };
    check("master_key", state, detail)
}

fn with_cause(error: &dyn std::error::Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
