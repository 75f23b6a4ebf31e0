//! The TOML file: values, the line of each, and every mistake in it.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Value, json};
use toml::de::{DeTable, DeValue};

use super::{
    Config, Mistake, Mistakes,
    keys::{self, Node, Shape},
};

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct FileLayer {
    /// The values, in the shape of the configuration.
    pub(super) values: Value,
    /// The line of each dotted key.
    pub(super) lines: BTreeMap<String, usize>,
}

/// Reads and checks the file; all mistakes are collected before it fails.
pub(super) fn read(path: &Path, sections: &[Node]) -> Result<FileLayer, Mistakes> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("the configuration file could not be read: {error}");
        Mistakes(vec![
            Mistake {
                key: None,
                ..Mistake::of("", message)
            }
            .at(path, None),
        ])
    })?;
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut reader = Reader {
        path,
        text: &text,
        lines: BTreeMap::new(),
        mistakes: Vec::new(),
    };
    for error in errors {
        let line = error.span().map(|span| line_at(&text, span.start));
        let mistake = Mistake {
            key: None,
            ..Mistake::of("", error.message())
        };
        reader.mistakes.push(mistake.at(path, line));
    }
    if reader.mistakes.is_empty() {
        reader.table(table.get_ref(), sections, "");
    }
    let Reader {
        lines, mistakes, ..
    } = reader;
    Mistakes(mistakes).check()?;
    let mut values: Value = toml::from_str(&text).map_err(|error| {
        let mistake = Mistake {
            key: None,
            ..Mistake::of("", error.message())
        };
        Mistakes(vec![mistake.at(path, None)])
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    anchor(&mut values, folder);
    Ok(FileLayer { values, lines })
}

/// Paths in a file are relative to the file, wherever the server is started.
fn anchor(value: &mut Value, folder: &Path) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                let is_path = key.ends_with("_file") || key.ends_with("_dir");
                match inner {
                    Value::String(path) if is_path => {
                        *path = folder.join(&*path).to_string_lossy().into_owned();
                    }
                    other => anchor(other, folder),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| anchor(inner, folder)),
        _ => {}
    }
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    lines: BTreeMap<String, usize>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable<'_>, nodes: &[Node], prefix: &str) {
        for (name, value) in table {
            let line = line_at(self.text, name.span().start);
            let key = format!("{prefix}{}", name.get_ref());
            let Some(node) = nodes
                .iter()
                .find(|node| node.name == *name.get_ref().as_ref())
            else {
                let message = unknown(name.get_ref(), nodes);
                self.mistake(Mistake::of(key, message), line);
                continue;
            };
            self.lines.insert(key.clone(), line);
            self.value(value.get_ref(), node, &key, line);
        }
    }

    fn value(&mut self, value: &DeValue<'_>, node: &Node, key: &str, line: usize) {
        match (&node.shape, value) {
            (Shape::Section(nodes), DeValue::Table(table)) => {
                self.table(table, nodes, &format!("{key}."));
            }
            (Shape::List(nodes), DeValue::Array(entries)) => {
                for (n, entry) in entries.iter().enumerate() {
                    match entry.get_ref() {
                        DeValue::Table(table) => self.table(table, nodes, &format!("{key}.{n}.")),
                        _ => self.mistake(Mistake::of(key, "expected tables: `[[…]]`"), line),
                    }
                }
            }
            (Shape::Section(_), _) => {
                self.mistake(Mistake::of(key, "expected a section: `[…]`"), line);
            }
            (Shape::List(_), _) => {
                self.mistake(
                    Mistake::of(key, "expected a list of sections: `[[…]]`"),
                    line,
                );
            }
            (Shape::Leaf(_), value) => {
                let json = json_of(value);
                if let Err(message) = try_value(key, json) {
                    self.mistake(Mistake::of(key, message), line);
                }
            }
        }
    }

    fn mistake(&mut self, mistake: Mistake, line: usize) {
        self.mistakes.push(mistake.at(self.path, Some(line)));
    }
}

/// Whether a single value fits its key, by laying it alone on the defaults.
pub(super) fn try_value(key: &str, value: Value) -> Result<(), String> {
    let mut wrapped = value;
    for part in key.rsplit('.') {
        wrapped = if part.parse::<usize>().is_ok() {
            json!([wrapped])
        } else {
            json!({ part: wrapped })
        };
    }
    match serde_json::from_value::<Config>(wrapped) {
        Ok(_) => Ok(()),
        Err(error) => Err(without_value(&error.to_string())),
    }
}

/// Serde's message without the value it quotes: a secret may stand at the wrong place.
fn without_value(message: &str) -> String {
    let expected = message
        .split_once("expected ")
        .map(|(_, expected)| expected);
    match (message.split_once(": "), expected) {
        (Some((kind, _)), Some(expected)) => format!("{kind}, expected {expected}"),
        (None, Some(expected)) => format!("not one of the known words, expected {expected}"),
        (_, None) => message.to_owned(),
    }
}

/// What to say about a name that does not exist.
pub(super) fn unknown(name: &str, nodes: &[Node]) -> String {
    if matches!(name, "api_key" | "smtp_password" | "private_key") {
        return format!(
            "a secret does not belong into this file: put it into a file of mode 0600 and set `{name}_file`"
        );
    }
    match keys::nearest(name, nodes.iter().map(|node| node.name.as_str())) {
        Some(near) => format!("there is no such key; did you mean `{near}`?"),
        None => "there is no such key".to_owned(),
    }
}

fn json_of(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::from(f64::MAX), Value::from),
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .map_or(Value::Null, Value::from),
        DeValue::Array(list) => list.iter().map(|entry| json_of(entry.get_ref())).collect(),
        DeValue::Table(table) => {
            let entries = table.iter();
            entries
                .map(|(k, v)| (k.get_ref().to_string(), json_of(v.get_ref())))
                .collect()
        }
        DeValue::Datetime(_) => json!({ "date": true }),
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text
        .bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
}
