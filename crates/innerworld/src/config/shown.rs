//! Texts that the server shows by itself go through the output filter like every answer: once, when the
//! files are read.

use anyhow::bail;
use innerworld_core::safety::{content::Files, screen::OutputScreen as _};
use innerworld_language::output_screen::Screen;

/// Folders with texts in files named by language.
const FOLDERS: [&str; 2] = ["texts/", "disclosures/"];

/// Refuses texts that an answer could not have.
pub(super) fn check(files: &Files, screen: &Screen) -> anyhow::Result<()> {
    for name in files.names() {
        let file = FOLDERS.iter().find_map(|folder| name.strip_prefix(folder));
        let Some(language) = file.and_then(|file| file.strip_suffix(".toml")) else {
            continue;
        };
        // A file that cannot be read is somebody else's to report.
        let text = files.text(name).unwrap_or_default();
        if let Ok(table) = text.parse::<toml::Table>() {
            look_into(&toml::Value::Table(table), (name, language), screen)?;
        }
    }
    Ok(())
}

fn look_into(
    value: &toml::Value,
    (name, language): (&str, &str),
    screen: &Screen,
) -> anyhow::Result<()> {
    match value {
        toml::Value::String(text) => {
            let out = screen.whole(text, language);
            if let Some(hit) = out.reset {
                let rules = screen.standing(text).join(", ");
                let class = hit.class.name();
                bail!("a text of {name} would be stopped by the output filter ({class}: {rules})");
            }
            if out.cut {
                bail!("a text of {name} names a number or an address that resources.json has not");
            }
            Ok(())
        }
        toml::Value::Array(values) => values
            .iter()
            .try_for_each(|value| look_into(value, (name, language), screen)),
        toml::Value::Table(table) => table
            .values()
            .try_for_each(|value| look_into(value, (name, language), screen)),
        toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => Ok(()),
    }
}
