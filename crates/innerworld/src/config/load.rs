//! Lays the layers over each other and checks the result.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};

use super::{
    Config, Flags, Loaded, Mistake, Mistakes, Origin,
    environment::{self, Environment},
    file::{self, FileLayer},
    keys,
    models::ProviderConfig,
    retired, rules,
    runtime::Mode,
    safety_files::{SafetyFiles, UNREVIEWED},
    secrets,
};

/// Reads everything; see [`Config::load`].
pub(super) fn load(flags: &Flags, environment: &Environment) -> Result<Loaded, Mistakes> {
    let sections = keys::sections();
    let layer = environment::layer(environment, &sections)?;
    let chosen = layer
        .values
        .iter()
        .find(|(key, ..)| key == "runtime.data_dir");
    let folder = flags
        .data_dir
        .clone()
        .or_else(|| {
            chosen
                .and_then(|(_, value, _)| value.as_str())
                .map(PathBuf::from)
        })
        .unwrap_or_else(|| default_data_dir(environment));
    let named = flags.config.clone().or_else(|| layer.config.clone());
    let beside = folder.join("innerworld.toml");
    let path = named.or_else(|| beside.is_file().then_some(beside));
    let from_file = match &path {
        Some(path) => file::read(path, &sections)?,
        None => FileLayer::default(),
    };

    let mut values = json!(Config::default());
    let mut origins = BTreeMap::new();
    merge(&mut values, from_file.values);
    for (key, line) in from_file.lines {
        origins.insert(key, Origin::File { line });
    }
    for (key, value, name) in &layer.values {
        set(&mut values, key, value.clone());
        origins.insert(key.clone(), Origin::Environment(name.clone()));
    }
    for (key, flag, value) in flag_values(flags) {
        set(&mut values, key, value);
        origins.insert(key.to_owned(), Origin::Flag(flag));
    }
    let mut config: Config = serde_json::from_value(values).map_err(|error| {
        Mistakes(vec![Mistake {
            key: None,
            ..Mistake::of("", error.to_string())
        }])
    })?;
    config.telemetry.no_color |= environment.no_color;
    // Whoever asks for any free port wants several servers beside each other.
    if config.http.listen.port() == 0 && !origins.contains_key("http.admin_listen") {
        config.http.admin_listen.set_port(0);
    }
    if config.providers.is_empty() && layer.api_keys.contains_key("openrouter") {
        config.providers.push(openrouter());
    }
    let data_dir = config.runtime.data_dir.clone().unwrap_or(folder);
    let data_dir = std::path::absolute(&data_dir).unwrap_or(data_dir);

    let placed = |mistakes| place(mistakes, &origins, path.as_deref());
    let safety = rules::check(&config, &data_dir).map_err(placed)?;
    let mut warnings = rules::warnings(&config);
    warnings.extend(unreviewed(&config, safety.as_ref()));
    let secrets = secrets::collect(&config, layer, &mut warnings).map_err(placed)?;
    warnings.extend(retired::warnings(&config, &secrets));
    Ok(Loaded {
        config,
        data_dir,
        file: path,
        origins,
        secrets,
        safety: safety.map(Arc::new),
        warnings,
    })
}

/// What is said of a safety protocol in production that no clinician reviewed.
fn unreviewed(config: &Config, safety: Option<&SafetyFiles>) -> Option<String> {
    // The files that ship name no review.
    let reviewed = safety.is_some_and(SafetyFiles::is_reviewed);
    (config.runtime.mode == Mode::Production && !reviewed)
        .then(|| format!("{UNREVIEWED}: `serve` asks for --accept-unreviewed-protocol"))
}

/// The provider that a key alone is enough for.
fn openrouter() -> ProviderConfig {
    ProviderConfig {
        name: "openrouter".to_owned(),
        company: "OpenRouter".to_owned(),
        ..ProviderConfig::default()
    }
}

fn default_data_dir(environment: &Environment) -> PathBuf {
    match &environment.user_data {
        Some(folder) => folder.join("innerworld"),
        None => PathBuf::from("innerworld-data"),
    }
}

fn flag_values(flags: &Flags) -> Vec<(&'static str, &'static str, Value)> {
    let mut values = Vec::new();
    if let Some(folder) = &flags.data_dir {
        values.push(("runtime.data_dir", "--data-dir", json!(folder)));
    }
    if let Some(address) = flags.listen {
        values.push(("http.listen", "--listen", json!(address)));
    }
    if let Some(address) = flags.admin_listen {
        values.push(("http.admin_listen", "--admin-listen", json!(address)));
    }
    values
}

/// Objects are merged key by key; everything else is replaced.
fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                merge(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (under, over) => *under = over,
    }
}

fn set(values: &mut Value, key: &str, value: Value) {
    let wrapped = key
        .rsplit('.')
        .fold(value, |inner, part| json!({ part: inner }));
    merge(values, wrapped);
}

/// Gives each mistake of a rule the line, variable or flag that its key came from.
fn place(mistakes: Mistakes, origins: &BTreeMap<String, Origin>, file: Option<&Path>) -> Mistakes {
    let place_one = |mut mistake: Mistake| {
        let key = mistake.key.as_deref().unwrap_or_default();
        match (origins.get(key), file) {
            (Some(Origin::File { line }), Some(file)) => mistake.at(file, Some(*line)),
            (Some(Origin::Environment(name)), _) => {
                mistake.variable = Some(name.clone());
                mistake
            }
            (Some(Origin::Flag(flag)), _) => {
                mistake.variable = Some((*flag).to_owned());
                mistake
            }
            _ => mistake,
        }
    };
    Mistakes(mistakes.0.into_iter().map(place_one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flag_wins_over_environment_over_file_over_default() {
        let dir = tempfile::tempdir().unwrap();
        let text = "[limits]\ndaily_s = 5\nlog_events = 7\n[http]\nlisten = \"127.0.0.1:1\"\n";
        std::fs::write(dir.path().join("innerworld.toml"), text).unwrap();
        let environment = Environment::of(&[
            ("INNERWORLD_LIMITS__DAILY_S", "6"),
            ("INNERWORLD_HTTP__LISTEN", "127.0.0.1:2"),
        ]);
        let flags = Flags {
            data_dir: Some(dir.path().to_owned()),
            listen: Some(([127, 0, 0, 1], 3).into()),
            ..Flags::default()
        };
        let loaded = load(&flags, &environment).unwrap();
        assert_eq!(loaded.config.http.listen.port(), 3);
        assert_eq!(loaded.config.limits.daily_s, 6);
        assert_eq!(loaded.config.limits.log_events, 7);
        assert_eq!(loaded.config.limits.messages_burst, 5);
        assert_eq!(
            loaded.origins["limits.log_events"],
            Origin::File { line: 3 }
        );
    }

    #[test]
    fn a_free_port_is_free_on_both_listeners() {
        let ports = |listen: u16, admin: Option<u16>| {
            let at = |port: u16| ([127, 0, 0, 1], port).into();
            let flags = Flags {
                listen: Some(at(listen)),
                admin_listen: admin.map(at),
                ..Flags::default()
            };
            let http = load(&flags, &Environment::default()).unwrap().config.http;
            (http.listen.port(), http.admin_listen.port())
        };
        assert_eq!(ports(0, None), (0, 0));
        assert_eq!(ports(0, Some(5)), (0, 5));
        assert_eq!(ports(5, None), (5, 8788));
    }

    #[test]
    fn a_key_in_the_environment_is_enough_for_openrouter_and_is_never_printed() {
        let environment = Environment::of(&[("INNERWORLD_PROVIDERS__OPENROUTER__API_KEY", "sk-1")]);
        let loaded = load(&Flags::default(), &environment).unwrap();
        assert_eq!(loaded.config.providers[0].company, "OpenRouter");
        assert_eq!(loaded.secrets.api_keys["openrouter"].reveal(), "sk-1");
        assert!(!format!("{loaded:?}").contains("sk-1"));
    }
}
