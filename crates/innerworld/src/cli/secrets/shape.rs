//! What a secret must look like before it is sent, and what may be told of one that is there.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail, ensure};
use innerworld_core::{identity::apple::client_secret::KeyNames, secret::Secret};
use innerworld_models::{
    retired,
    secret::{Fields, ProviderSecret, apple},
};
use reqwest::Url;
use serde::Serialize;

use super::Which;

/// A key of a provider is one word of at most this many characters.
const MAX_KEY_CHARS: usize = 512;

/// A value that may be sent.
#[derive(Debug)]
pub(crate) struct Sound {
    /// The text to send.
    #[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "nothing is sent"))]
    pub(crate) value: Secret,
    /// Names of its fields.
    #[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "nothing is sent"))]
    pub(crate) fields: Vec<String>,
    /// What works and should be looked at.
    pub(crate) warnings: Vec<String>,
}

/// What may be told of a value that is there.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Told {
    /// Whether it is a real value and no placeholder.
    pub(crate) configured: bool,
    /// Names of its fields.
    pub(crate) fields: Vec<String>,
    /// The models that it names, by field.
    pub(crate) models: BTreeMap<&'static str, String>,
    /// What works and should be looked at.
    pub(crate) warnings: Vec<String>,
}

/// The names that belong to a key of Apple.
pub(super) fn names(team_id: &str, key_id: &str, client_id: &str) -> KeyNames {
    KeyNames {
        team_id: team_id.to_owned(),
        key_id: key_id.to_owned(),
        client_id: client_id.to_owned(),
    }
}

/// Checks what is about to be sent. The error says what to do and repeats nothing.
pub(super) fn sound(which: Which, text: &Secret, names: Option<KeyNames>) -> anyhow::Result<Sound> {
    let is_object = text.reveal().starts_with('{');
    ensure!(
        names.is_none() || (which == Which::Apple && !is_object),
        "--team-id, --key-id and --client-id go with the key of Apple alone; the JSON object names \
         them itself"
    );
    let value = match (which, is_object, names) {
        (_, true, _) => text.clone(),
        (Which::Model, false, _) => bare_key(text)?,
        (Which::Apple, false, Some(names)) => apple::put_together(text, names)
            .map_err(|error| anyhow!("the value is {error}; nothing was changed"))?,
        (Which::Apple, false, None) => bail!(
            "this is not the JSON object {{\"team_id\", \"key_id\", \"private_key\", \
             \"client_id\"}}; with a .p8 file alone, name the rest by --team-id, --key-id and \
             --client-id"
        ),
    };
    let told = told(which, &value).map_err(|error| anyhow!("{error}; nothing was changed"))?;
    if !told.configured {
        match which {
            Which::Model => bail!(
                "api_key is empty or the placeholder of an example: give the key of the provider; \
                 nothing was changed"
            ),
            Which::Apple => bail!(
                "private_key is empty or the placeholder of an example: give the text of the .p8 \
                 file; nothing was changed"
            ),
        }
    }
    Ok(Sound {
        value,
        fields: told.fields,
        warnings: told.warnings,
    })
}

/// The JSON object of a key that came alone.
fn bare_key(text: &Secret) -> anyhow::Result<Secret> {
    let key = text.reveal();
    ensure!(
        !key.starts_with("-----BEGIN"),
        "this is a private key; the secret `model` takes the key of a model provider (`innerworld \
         secrets set apple` takes that of Apple)"
    );
    ensure!(
        key.len() <= MAX_KEY_CHARS && key.bytes().all(|byte| byte.is_ascii_graphic()),
        "this is neither a JSON object nor one key: a key is one word"
    );
    let quoted = serde_json::to_string(key).map(Secret::new)?;
    Ok(Secret::new(format!("{{\"api_key\":{}}}", quoted.reveal())))
}

/// What may be told of a value; the error says what is wrong with its form.
pub(crate) fn told(which: Which, value: &Secret) -> Result<Told, String> {
    match which {
        Which::Model => told_of_model(value.reveal()),
        Which::Apple => told_of_apple(value.reveal()),
    }
}

fn told_of_model(text: &str) -> Result<Told, String> {
    // `update-secret` may have put the key alone; readers take that for a broken secret.
    let wrong = |error| format!("{error}");
    let secret = ProviderSecret::parse(text).map_err(wrong)?;
    let fields = ProviderSecret::fields(text).map_err(wrong)?;
    let embeddings = secret.embeddings.as_ref();
    let addresses = [
        ("base_url", &secret.base_url),
        (
            "embeddings.base_url",
            &embeddings.and_then(|part| part.base_url.clone()),
        ),
    ];
    for (name, address) in addresses {
        let is_https = |text: &String| Url::parse(text).is_ok_and(|url| url.scheme() == "https");
        if address.as_ref().is_some_and(|text| !is_https(text)) {
            return Err(format!("{name} is not an https address"));
        }
    }
    let mut told = Told {
        configured: secret.api_key.is_some(),
        ..Told::default()
    };
    told.take(fields);
    let named = [
        ("model_primary", secret.model_primary),
        ("model_fallback", secret.model_fallback),
    ];
    for (field, model) in named {
        let Some(model) = model else { continue };
        told.warnings.extend(retired::warning(field, &model));
        if is_sayable(&model) {
            told.models.insert(field, model);
        } else {
            told.warnings.push(format!(
                "{field} has no form such as maker/model, and is not shown"
            ));
        }
    }
    Ok(told)
}

fn told_of_apple(text: &str) -> Result<Told, String> {
    let key = apple::parse(text).map_err(|error| format!("the value is {error}"))?;
    let fields = apple::fields(text).map_err(|error| format!("the value is {error}"))?;
    let mut told = Told {
        configured: key.is_some(),
        ..Told::default()
    };
    told.take(fields);
    Ok(told)
}

impl Told {
    fn take(&mut self, fields: Fields) {
        self.fields = fields.known;
        if !fields.unknown.is_empty() {
            self.warnings.push(format!(
                "no reader looks at these fields: {}",
                fields.unknown.join(", ")
            ));
        }
    }
}

/// Whether this is surely the name of a model: a key in its place has no maker before a slash.
fn is_sayable(model: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte);
    model.len() <= 80
        && model.bytes().all(is_of_name)
        && model
            .split_once('/')
            .is_some_and(|(maker, name)| !maker.is_empty() && !name.is_empty())
}
