//! Environment variables: `INNERWORLD_SECTION__KEY`, the secrets among them, and what tells about
//! the user's habits.

use std::{collections::BTreeMap, path::PathBuf};

use innerworld_core::secret::Secret;
use serde_json::{Value, json};

use super::{
    Mistake, Mistakes, file,
    keys::{self, Kind, Node, Shape},
};

const PREFIX: &str = "INNERWORLD_";

/// What the environment says that concerns this program.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    /// `INNERWORLD_…` without the prefix.
    pub(super) own: BTreeMap<String, String>,
    /// `NO_COLOR` is set.
    pub(super) no_color: bool,
    /// The user's data folder, by the habits of the system.
    pub(super) user_data: Option<PathBuf>,
    /// The user's configuration folder, by the habits of the system.
    pub(crate) user_config: Option<PathBuf>,
    /// Language setting of the terminal: `en_US.UTF-8`.
    language: Option<String>,
}

impl Environment {
    /// `INNERWORLD_PASSWORD`: the password for `chat` and `graph`.
    pub(crate) fn password(&self) -> Option<Secret> {
        self.own.get("PASSWORD").cloned().map(Secret::new)
    }

    /// Language and, if the setting names one, country: `en`, `US`.
    pub(crate) fn locale(&self) -> (String, Option<String>) {
        let setting = self.language.as_deref().unwrap_or_default();
        let setting = setting.split(['.', '@']).next().unwrap_or_default();
        let (language, country) = setting.split_once('_').unwrap_or((setting, ""));
        let is_language =
            (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
        let is_country = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        (
            if is_language { language } else { "en" }.to_owned(),
            is_country.then(|| country.to_owned()),
        )
    }
}

/// Reads the process environment, once.
pub(crate) fn read() -> Result<Environment, Mistakes> {
    let mut variables = BTreeMap::new();
    let mut mistakes = Mistakes::default();
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else {
            continue;
        };
        match value.into_string() {
            Ok(value) => drop(variables.insert(name, value)),
            Err(_) if name.starts_with(PREFIX) => {
                mistakes
                    .0
                    .push(Mistake::of_variable(name, "the value is not UTF-8 text"));
            }
            Err(_) => {}
        }
    }
    mistakes.check()?;
    Ok(from_variables(variables))
}

fn from_variables(variables: BTreeMap<String, String>) -> Environment {
    let set = |name: &str| variables.get(name).filter(|value| !value.is_empty());
    let home = set("HOME").map(PathBuf::from);
    let (user_data, user_config) = if cfg!(target_os = "macos") {
        let support = home.map(|home| home.join("Library/Application Support"));
        (support.clone(), support)
    } else {
        let folder = |variable, fallback| {
            let xdg = set(variable).map(PathBuf::from);
            xdg.or_else(|| home.as_ref().map(|home| home.join(fallback)))
        };
        (
            folder("XDG_DATA_HOME", ".local/share"),
            folder("XDG_CONFIG_HOME", ".config"),
        )
    };
    let language = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(set)
        .cloned();
    let no_color = set("NO_COLOR").is_some();
    let own = variables
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_owned(), value)))
        .collect();
    Environment {
        own,
        no_color,
        user_data,
        user_config,
        language,
    }
}

/// The environment as a layer of the configuration.
#[derive(Debug, Default)]
pub(super) struct EnvironmentLayer {
    /// Values by dotted key, with the variable's name.
    pub(super) values: Vec<(String, Value, String)>,
    /// `INNERWORLD_CONFIG`.
    pub(super) config: Option<PathBuf>,
    /// API keys by lower-case provider name.
    pub(super) api_keys: BTreeMap<String, Secret>,
    /// `INNERWORLD_MAIL__SMTP_PASSWORD`.
    pub(super) smtp_password: Option<Secret>,
    /// `INNERWORLD_AUTH__APPLE__PRIVATE_KEY`.
    pub(super) apple_private_key: Option<Secret>,
}

/// Sorts the variables; each that means nothing is a mistake.
pub(super) fn layer(
    environment: &Environment,
    sections: &[Node],
) -> Result<EnvironmentLayer, Mistakes> {
    let mut layer = EnvironmentLayer::default();
    let mut mistakes = Mistakes::default();
    for (name, value) in &environment.own {
        let lower = name.to_lowercase();
        let path: Vec<&str> = lower.split("__").collect();
        match path.as_slice() {
            ["config"] => layer.config = Some(PathBuf::from(value)),
            // For the verbs that act as a teen; a server has no use for it.
            ["password"] => {}
            ["providers", provider, "api_key"] => {
                layer
                    .api_keys
                    .insert((*provider).to_owned(), Secret::new(value.clone()));
            }
            ["mail", "smtp_password"] => layer.smtp_password = Some(Secret::new(value.clone())),
            ["auth", "apple", "private_key"] => {
                layer.apple_private_key = Some(Secret::new(value.clone()));
            }
            path => match plain(path, value, sections) {
                Ok(json) => layer
                    .values
                    .push((path.join("."), json, format!("{PREFIX}{name}"))),
                Err(message) => {
                    mistakes
                        .0
                        .push(Mistake::of_variable(format!("{PREFIX}{name}"), message));
                }
            },
        }
    }
    mistakes.check()?;
    Ok(layer)
}

fn plain(path: &[&str], value: &str, sections: &[Node]) -> Result<Value, String> {
    let Some(node) = keys::find(sections, path) else {
        let siblings = match path {
            [section, _] => keys::find(sections, &[section]).map(Node::children),
            _ => None,
        };
        let last = path.last().copied().unwrap_or_default();
        let near = keys::nearest(
            last,
            siblings.unwrap_or_default().iter().map(|n| n.name.as_str()),
        );
        return Err(match (near, path) {
            (Some(near), [section, _]) => format!(
                "there is no such key; did you mean {PREFIX}{}__{}?",
                section.to_uppercase(),
                near.to_uppercase()
            ),
            _ => format!("there is no such key; the form is {PREFIX}SECTION__KEY"),
        });
    };
    let wrong = |what: &str| format!("expected {what}");
    let json = match node.shape {
        Shape::Leaf(Kind::Text) => json!(value),
        Shape::Leaf(Kind::Integer) => {
            json!(
                value
                    .parse::<i64>()
                    .ok()
                    .ok_or_else(|| wrong("a whole number"))?
            )
        }
        Shape::Leaf(Kind::Number) => {
            json!(value.parse::<f64>().ok().ok_or_else(|| wrong("a number"))?)
        }
        Shape::Leaf(Kind::Flag) => {
            json!(
                value
                    .parse::<bool>()
                    .ok()
                    .ok_or_else(|| wrong("`true` or `false`"))?
            )
        }
        Shape::Leaf(Kind::Texts) => value.split(',').map(str::trim).collect(),
        Shape::Section(_) | Shape::List(_) => {
            return Err(wrong("a key of this section, in the file"));
        }
    };
    if path.first() == Some(&"providers") {
        return Err("providers are listed in the configuration file; only their keys may come from the environment".to_owned());
    }
    file::try_value(&path.join("."), json.clone())?;
    Ok(json)
}

#[cfg(test)]
impl Environment {
    /// An environment of these variables alone.
    pub(super) fn of(variables: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        from_variables(variables.iter().map(own).collect())
    }
}
