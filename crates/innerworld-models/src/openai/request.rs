//! The request body. Field order and whitespace are fixed: providers cache by prefix, so a byte
//! that moves in front of the breakpoint is paid for (models.md 5).

use innerworld_core::model::call::{JsonAnswer, ModelCall, Prompt, RemoteText};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::config::{Dialect, HARD_MAX_JSON_TOKENS, HARD_MAX_TOKENS};

/// The fixed line before the opening: some providers want the first message to be the user's.
pub const SESSION_BEGINS: &str = "(the session begins)";

/// What a request depends on besides the call.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) dialect: Dialect,
    pub(crate) model: String,
    /// The model that the provider itself may try next, inside the same call.
    pub(crate) upstream_fallback: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    models: Option<[&'a str; 2]>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    max_tokens: u32,
    temperature: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<ResponseFormat<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    user: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<PrivacyFlags>,
    messages: Vec<Message<'a>>,
}

/// How an answer that a program reads is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonMode {
    /// Held to the schema.
    Schema,
    /// Held to JSON: for models that refuse schemas; the prompt holds the schema as text.
    Object,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ResponseFormat<'a> {
    JsonSchema { json_schema: NamedSchema<'a> },
    JsonObject,
}

#[derive(Serialize)]
struct NamedSchema<'a> {
    name: &'a str,
    strict: bool,
    schema: &'a RawValue,
}

impl<'a> ResponseFormat<'a> {
    fn new(answer: JsonAnswer, mode: JsonMode) -> Result<Self, serde_json::Error> {
        let schema: &'a RawValue = serde_json::from_str(answer.schema)?;
        Ok(match mode {
            JsonMode::Object => Self::JsonObject,
            JsonMode::Schema => Self::JsonSchema {
                json_schema: NamedSchema {
                    name: answer.name,
                    strict: true,
                    schema,
                },
            },
        })
    }
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// Built into the request: no setting turns them off. `order` is never sent, it would switch
/// sticky cache routing off.
#[derive(Serialize)]
struct PrivacyFlags {
    data_collection: &'static str,
    zdr: bool,
    require_parameters: bool,
}

const PRIVACY_FLAGS: PrivacyFlags = PrivacyFlags {
    data_collection: "deny",
    zdr: true,
    require_parameters: true,
};

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Content<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Line(&'a str),
    Parts(Vec<Part<'a>>),
}

#[derive(Serialize)]
struct Part<'a> {
    r#type: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<CacheControl>,
}

#[derive(Clone, Copy, Serialize)]
struct CacheControl {
    r#type: &'static str,
}

const BREAKPOINT: CacheControl = CacheControl {
    r#type: "ephemeral",
};

impl<'a> Part<'a> {
    const fn new(text: &'a str) -> Self {
        Self {
            r#type: "text",
            text,
            cache_control: None,
        }
    }
}

/// The body of `call`, as it goes over the wire. `json` counts for calls that ask for JSON.
pub(crate) fn body(
    call: &ModelCall,
    shape: &Shape,
    json: JsonMode,
) -> Result<Vec<u8>, serde_json::Error> {
    let open_router = shape.dialect == Dialect::OpenRouter;
    let models = shape
        .upstream_fallback
        .as_deref()
        .filter(|next| open_router && *next != shape.model)
        .map(|next| [shape.model.as_str(), next]);
    let most = match call.json {
        Some(_) => HARD_MAX_JSON_TOKENS,
        None => HARD_MAX_TOKENS,
    };
    let format = call.json.map(|answer| ResponseFormat::new(answer, json));
    serde_json::to_vec(&Body {
        model: &shape.model,
        models,
        stream: true,
        stream_options: (!open_router).then_some(StreamOptions {
            include_usage: true,
        }),
        max_tokens: call.max_tokens.clamp(1, most),
        temperature: call.temperature.clamp(0.0, 1.0),
        response_format: format.transpose()?,
        user: &call.pseudonym,
        provider: open_router.then_some(PRIVACY_FLAGS),
        messages: messages(&call.prompt, open_router.then_some(BREAKPOINT)),
    })
}

/// Part 1 and 2 as the system message, part 3 as turns, part 4 as the last user message.
///
/// Every assistant message has the same shape, whether or not the breakpoint is on it: else the
/// last reply of this turn would be written differently in the next one.
fn messages(prompt: &Prompt, breakpoint: Option<CacheControl>) -> Vec<Message<'_>> {
    let mut system = vec![Part {
        cache_control: breakpoint,
        ..Part::new(prompt.system.as_str())
    }];
    system.extend(prompt.digest.iter().map(part));
    let mut messages = vec![parts("system", system)];
    if !prompt.opening.as_str().is_empty() {
        messages.push(line("user", SESSION_BEGINS));
        messages.push(parts("assistant", vec![part(&prompt.opening)]));
    }
    for turn in &prompt.history {
        messages.push(line("user", turn.user.as_str()));
        messages.push(parts("assistant", vec![part(&turn.assistant)]));
    }
    if let Some(Message {
        content: Content::Parts(last),
        ..
    }) = messages.last_mut()
    {
        for part in last {
            part.cache_control = breakpoint;
        }
    }
    let fresh = [&prompt.recalled, &prompt.support]
        .into_iter()
        .flatten()
        .chain(std::iter::once(&prompt.message));
    messages.push(parts("user", fresh.map(part).collect()));
    messages
}

fn part(text: &RemoteText) -> Part<'_> {
    Part::new(text.as_str())
}

const fn line<'a>(role: &'static str, text: &'a str) -> Message<'a> {
    Message {
        role,
        content: Content::Line(text),
    }
}

const fn parts<'a>(role: &'static str, parts: Vec<Part<'a>>) -> Message<'a> {
    Message {
        role,
        content: Content::Parts(parts),
    }
}
