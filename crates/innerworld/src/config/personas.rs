//! Personas that an operator adds: a folder of files, read at start.

use std::{fs, path::Path};

use innerworld_core::persona::directory::PersonaDirectory;

/// Far above any persona file.
const MAX_BYTES: u64 = 256 * 1_024;

/// The shipped personas and those of `folder`, by file name. On failure: a text that names every
/// mistake.
pub(crate) fn load(folder: Option<&Path>) -> Result<PersonaDirectory, String> {
    let shipped = PersonaDirectory::shipped().map_err(|error| error.to_string())?;
    let Some(folder) = folder else {
        return Ok(shipped);
    };
    let files = read(folder)?;
    if files.is_empty() {
        return Err(format!("{} holds no *.toml file", folder.display()));
    }
    let files = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    shipped.with_files(files).map_err(|error| error.to_string())
}

fn read(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let unreadable =
        |error: std::io::Error| format!("could not read {}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let unreadable = |error: std::io::Error| format!("could not read {name}: {error}");
        if fs::metadata(&path).map_err(unreadable)?.len() > MAX_BYTES {
            return Err(format!("{name} is longer than {MAX_BYTES} bytes"));
        }
        let text = fs::read_to_string(&path).map_err(unreadable)?;
        files.push((name, text));
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::load;

    const OWN: &str = include_str!("../../../innerworld-core/personas/comfort.toml");

    #[test]
    fn a_folder_adds_personas_without_code() {
        let folder = tempfile::tempdir().unwrap();
        let own = OWN.replace("id = \"comfort\"", "id = \"harbour\"");
        std::fs::write(folder.path().join("harbour.toml"), own).unwrap();
        std::fs::write(folder.path().join("notes.txt"), "not a persona").unwrap();
        assert_eq!(load(Some(folder.path())).unwrap().all().count(), 5);
        assert_eq!(load(None).unwrap().all().count(), 4);
    }

    #[test]
    fn mistakes_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(load(Some(folder.path())).unwrap_err().contains("no *.toml"));
        std::fs::write(folder.path().join("bad.toml"), "id = 1").unwrap();
        assert!(load(Some(folder.path())).unwrap_err().contains("bad.toml"));
        assert!(
            load(Some(&folder.path().join("absent")))
                .unwrap_err()
                .contains("could not read")
        );
    }
}
