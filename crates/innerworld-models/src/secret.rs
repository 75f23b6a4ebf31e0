//! The provider secret: one JSON object, replaced as a whole (models.md 11). [`apple`] is the other
//! secret of a deployment.

pub mod apple;
mod fields;

use std::fmt;

use innerworld_core::secret::Secret;
use serde::Deserialize;

pub use self::fields::Fields;
use self::fields::Names;

/// The text is not a JSON object of the expected shape. Keep the last good secret and raise an
/// alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider secret is not a JSON object with an api_key")]
pub struct InvalidSecret;

/// What the secret of a provider holds. Names that it gives win over configuration.
#[derive(Debug, Default)]
pub struct ProviderSecret {
    /// The key; `None` for a placeholder: then the offline persona answers.
    pub api_key: Option<Secret>,
    /// Dialect of the provider, `openrouter` unless given.
    pub provider: Option<String>,
    /// Base URL of its API.
    pub base_url: Option<String>,
    /// The model asked first.
    pub model_primary: Option<String>,
    /// The model asked next.
    pub model_fallback: Option<String>,
    /// The provider of vectors; absent, they are made on this machine.
    pub embeddings: Option<EmbeddingsSecret>,
}

/// The part about vectors.
#[derive(Debug)]
pub struct EmbeddingsSecret {
    /// The key; `None` for a placeholder.
    pub api_key: Option<Secret>,
    /// Base URL of the API.
    pub base_url: Option<String>,
    /// The model.
    pub model: Option<String>,
}

/// The fields that a reader looks at; those of `embeddings` stand in [`EMBEDDINGS`].
const FIELDS: [&str; 6] = [
    "api_key",
    "provider",
    "base_url",
    "model_primary",
    "model_fallback",
    "embeddings",
];
/// The fields of the part about vectors.
const EMBEDDINGS: [&str; 3] = ["api_key", "base_url", "model"];

/// Unknown fields are ignored, so that a newer secret works with an older binary.
#[derive(Deserialize)]
struct Wire {
    api_key: String,
    provider: Option<String>,
    base_url: Option<String>,
    model_primary: Option<String>,
    model_fallback: Option<String>,
    embeddings: Option<WireEmbeddings>,
}

#[derive(Deserialize)]
struct WireEmbeddings {
    #[serde(default)]
    api_key: String,
    base_url: Option<String>,
    model: Option<String>,
}

impl ProviderSecret {
    /// Reads the JSON object.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        // The parser's message could quote the key.
        let wire: Wire = serde_json::from_str(text).map_err(|_quotes_the_key| InvalidSecret)?;
        Ok(Self {
            api_key: key(wire.api_key),
            provider: name(wire.provider),
            base_url: name(wire.base_url),
            model_primary: name(wire.model_primary),
            model_fallback: name(wire.model_fallback),
            embeddings: wire.embeddings.map(|part| EmbeddingsSecret {
                api_key: key(part.api_key),
                base_url: name(part.base_url),
                model: name(part.model),
            }),
        })
    }

    /// The names of the fields in this text.
    pub fn fields(text: &str) -> Result<Fields, InvalidSecret> {
        #[derive(Deserialize)]
        struct Inner {
            embeddings: Option<Names>,
        }
        let read = |_quotes_the_key| InvalidSecret;
        let outer: Names = serde_json::from_str(text).map_err(read)?;
        let inner: Inner = serde_json::from_str(text).map_err(read)?;
        let mut fields = Fields::of(&outer, &FIELDS, "");
        let inner = inner.embeddings.unwrap_or_default();
        fields.join(Fields::of(&inner, &EMBEDDINGS, "embeddings."));
        Ok(fields)
    }

    /// A secret that is the key alone, as an environment variable may hold it.
    pub fn plain(text: &str) -> Self {
        Self {
            api_key: key(text.to_owned()),
            ..Self::default()
        }
    }
}

impl fmt::Display for ProviderSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A key, unless it is one of the placeholders of documents and examples.
fn key(text: String) -> Option<Secret> {
    // The text as it came is wiped too.
    let text = Secret::new(text);
    let trimmed = text.reveal().trim();
    let lower = trimmed.to_ascii_lowercase();
    let placeholder = lower.is_empty() || lower.ends_with("your-key") || lower.ends_with("...");
    (!placeholder).then(|| Secret::new(trimmed.to_owned()))
}

fn name(value: Option<String>) -> Option<String> {
    value
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_documented_updates_are_read() {
        let whole = ProviderSecret::parse(
            r#"{"api_key":"sk-or-v1-abc","provider":"openrouter",
                "base_url":"https://openrouter.ai/api/v1",
                "model_primary":"anthropic/claude-3.5-sonnet","model_fallback":"openai/gpt-4",
                "embeddings":{"api_key":"sk-def","base_url":"https://api.openai.com/v1",
                              "model":"text-embedding-3-small"}}"#,
        )
        .unwrap();
        assert_eq!(whole.api_key.unwrap().reveal(), "sk-or-v1-abc");
        let embeddings = whole.embeddings.unwrap();
        assert_eq!(embeddings.api_key.unwrap().reveal(), "sk-def");

        let second = ProviderSecret::parse(
            r#"{"api_key":"sk-or-v1-abc","model_primary":"anthropic/claude-3.5-sonnet",
                "model_fallback":"openai/gpt-4o","something_new":[1]}"#,
        )
        .unwrap();
        assert_eq!(second.provider, None);
        assert_eq!(second.base_url, None);
        assert_eq!(second.model_fallback.as_deref(), Some("openai/gpt-4o"));
        assert!(second.embeddings.is_none());
    }

    #[test]
    fn unknown_fields_are_named_unless_the_name_could_be_a_key() {
        let text = r#"{"api_key":"sk-1","modle_primary":"x","something_new":[1,{"api_key":"sk-2"}],
            "sk-or-v1-abc":"","embeddings":{"model":"m","dims":3}}"#;
        let unnamed = "one with an unusual name";
        let named = ["modle_primary", unnamed, "something_new", "embeddings.dims"];
        let fields = ProviderSecret::fields(text).unwrap();
        assert_eq!(fields.unknown, named);
        assert_eq!(fields.known, ["api_key", "embeddings", "embeddings.model"]);
        let fields = ProviderSecret::fields(r#"{"api_key":""}"#).unwrap();
        assert_eq!(fields.unknown, Vec::<String>::new());
        for text in ["sk-1", "[]", r#"{"embeddings":1}"#] {
            assert_eq!(ProviderSecret::fields(text), Err(InvalidSecret));
        }
    }

    #[test]
    fn placeholders_count_as_no_key() {
        for text in ["", "  ", "your-key", "sk-or-v1-your-key", "sk-or-v1-..."] {
            let json = serde_json::json!({ "api_key": text }).to_string();
            assert!(ProviderSecret::parse(&json).unwrap().api_key.is_none());
            assert!(ProviderSecret::plain(text).api_key.is_none());
        }
        assert!(ProviderSecret::plain(" sk-1\n").api_key.is_some());
    }

    #[test]
    fn other_text_is_invalid_and_never_quoted() {
        for text in ["sk-or-v1-abc", "{\"api_key\":\"sk-or-v1-abc\"", "[]", "{}"] {
            let error = ProviderSecret::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("sk-or"));
        }
        let good = ProviderSecret::parse("{\"api_key\":\"sk-or-v1-abc\"}").unwrap();
        assert!(!format!("{good:?} {good}").contains("sk-or"));
    }
}
