//! What a provider sends, with every field optional: strict types break with the first gateway that
//! writes `null` where another leaves the field out. No type here has `Debug`: they hold upstream
//! text, which never reaches a log.

use innerworld_core::model::chat_model::TokenUsage;
use serde::{Deserialize, Deserializer, de::IgnoredAny};

/// One event of a stream, or the whole body of a failed call.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chunk {
    #[serde(deserialize_with = "lenient")]
    pub(crate) id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) model: Option<String>,
    #[serde(deserialize_with = "lenient")]
    object: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) choices: Option<Vec<Choice>>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) usage: Option<Usage>,
    #[serde(deserialize_with = "lenient")]
    error: Option<ErrorBody>,
    /// vLLM writes the error's fields at the top, beside `"object":"error"`.
    #[serde(deserialize_with = "lenient")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient")]
    code: Option<Code>,
    #[serde(deserialize_with = "lenient")]
    r#type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Choice {
    #[serde(deserialize_with = "lenient")]
    index: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    delta: Option<Delta>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) finish_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    error: Option<ErrorBody>,
}

/// Reasoning and tool calls are fields too, but nobody is shown them: they are not read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Delta {
    #[serde(deserialize_with = "lenient")]
    content: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Usage {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
    #[serde(deserialize_with = "lenient")]
    prompt_tokens_details: Option<PromptDetails>,
    #[serde(deserialize_with = "lenient")]
    completion_tokens_details: Option<CompletionDetails>,
    #[serde(deserialize_with = "lenient")]
    cost: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    cached_tokens: Option<u32>,
    cache_write_tokens: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CompletionDetails {
    reasoning_tokens: Option<u32>,
}

/// An error as providers write it. Its text is read to choose a kind, then dropped.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    #[serde(deserialize_with = "lenient")]
    code: Option<Code>,
    #[serde(deserialize_with = "lenient")]
    message: Option<String>,
    #[serde(deserialize_with = "lenient")]
    r#type: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Code {
    Number(u16),
    Name(String),
}

/// What an error object says, for the classifier only.
#[derive(Default)]
pub(crate) struct Complaint {
    /// An HTTP status, if the code is one.
    pub(crate) status: Option<u16>,
    /// Code, type and message in lower case.
    pub(crate) words: String,
}

impl Chunk {
    /// The error that the event carries, at the top, in a choice, or as `"object":"error"`.
    pub(crate) fn complaint(&self) -> Option<Complaint> {
        if let Some(error) = &self.error {
            return Some(error.complaint());
        }
        let of_choice = self
            .choices
            .iter()
            .flatten()
            .find_map(|choice| choice.error.as_ref());
        if let Some(error) = of_choice {
            return Some(error.complaint());
        }
        let at_top = self.object.as_deref() == Some("error");
        at_top.then(|| {
            let (kind, message) = (self.r#type.as_deref(), self.message.as_deref());
            Complaint::new(self.code.as_ref(), kind, message)
        })
    }

    /// The first choice; there is never another, since only one is asked for.
    pub(crate) fn choice(&self) -> Option<&Choice> {
        self.choices
            .iter()
            .flatten()
            .find(|choice| choice.index.unwrap_or(0) == 0)
    }
}

impl Choice {
    /// The text of this event; empty if it has none.
    pub(crate) fn text(&self) -> &str {
        self.delta
            .as_ref()
            .and_then(|delta| delta.content.as_deref())
            .unwrap_or_default()
    }
}

impl ErrorBody {
    fn complaint(&self) -> Complaint {
        let (kind, message) = (self.r#type.as_deref(), self.message.as_deref());
        Complaint::new(self.code.as_ref(), kind, message)
    }
}

impl Complaint {
    fn new(code: Option<&Code>, kind: Option<&str>, message: Option<&str>) -> Self {
        let (number, name) = match code {
            Some(Code::Number(number)) => (Some(*number), ""),
            Some(Code::Name(name)) => (name.parse().ok(), name.as_str()),
            None => (None, ""),
        };
        let (kind, message) = (kind.unwrap_or_default(), message.unwrap_or_default());
        Self {
            status: number.filter(|code| (400..600).contains(code)),
            words: format!("{name} {kind} {message}").to_lowercase(),
        }
    }
}

impl Usage {
    /// The tokens in classes that do not overlap.
    pub(crate) fn tokens(&self) -> TokenUsage {
        let prompt = self.prompt_tokens.unwrap_or(0);
        let details = self.prompt_tokens_details.as_ref();
        let cache_read = details
            .and_then(|details| details.cached_tokens)
            .unwrap_or(0)
            .min(prompt);
        let cache_write = details
            .and_then(|details| details.cache_write_tokens)
            .unwrap_or(0)
            .min(prompt - cache_read);
        let output = self.completion_tokens.unwrap_or(0);
        let reasoning = self
            .completion_tokens_details
            .as_ref()
            .and_then(|details| details.reasoning_tokens)
            .unwrap_or(0);
        TokenUsage {
            input: prompt - cache_read - cache_write,
            cache_read,
            cache_write,
            output: output.max(reasoning),
            reasoning,
            cost_nanousd: self.cost.and_then(nano_usd),
            estimated: false,
        }
    }

    /// Whether it says anything: some gateways send an empty object in every event.
    pub(crate) fn is_given(&self) -> bool {
        self.prompt_tokens.is_some() || self.completion_tokens.is_some()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be between zero and a million dollars"
)]
fn nano_usd(dollars: f64) -> Option<u64> {
    (0.0..1.0e6)
        .contains(&dollars)
        .then(|| (dollars * 1.0e9).round() as u64)
}

/// A field of an unexpected type counts as absent: it must not cost a teen the answer.
fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Lenient<T> {
        Known(T),
        Other(IgnoredAny),
    }
    Ok(match Lenient::deserialize(deserializer)? {
        Lenient::Known(value) => Some(value),
        Lenient::Other(_ignored) => None,
    })
}
