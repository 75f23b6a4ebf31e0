//! The pool is about to send a mail: the product's words, by locale.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{answered, wording::wording};
use crate::{
    environment,
    run::{Failure, Handler, read},
};

const EXPECTED: &str = "not an event of CustomMessage with triggerSource and codeParameter";
/// Longest placeholder of a code; the pool's is `{####}`.
const MAX_CODE_BYTES: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    trigger_source: String,
    request: Request,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    code_parameter: String,
    #[serde(default)]
    user_attributes: Option<Locale>,
    #[serde(default)]
    client_metadata: Option<Locale>,
}

/// The one attribute that is looked at.
#[derive(Debug, Default, Deserialize)]
struct Locale {
    #[serde(default)]
    locale: Option<String>,
}

/// The function `cognito-custom-message`.
#[derive(Clone, Copy, Debug)]
pub struct CustomMessage;

impl Handler for CustomMessage {
    type Environment = environment::CustomMessage;

    async fn open(_environment: Self::Environment) -> anyhow::Result<Self> {
        Ok(Self)
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let read: Event = read(event.clone(), EXPECTED)?;
        let code = read.request.code_parameter;
        let fits = read.trigger_source.starts_with("CustomMessage_")
            && !code.is_empty()
            && code.len() <= MAX_CODE_BYTES;
        if !fits {
            return Err(Failure::event(EXPECTED));
        }
        // What the app said at this call, before what the account says.
        let said = [read.request.client_metadata, read.request.user_attributes];
        let locale = said.into_iter().flatten().find_map(|one| one.locale);
        let mail = wording(&read.trigger_source, &locale.unwrap_or_default());
        let response = match mail {
            Some(mail) => json!({
                "smsMessage": null,
                "emailMessage": mail.body.replace("{code}", &code),
                "emailSubject": mail.subject,
            }),
            None => json!({"smsMessage": null, "emailMessage": null, "emailSubject": null}),
        };
        answered(event, response)
    }
}
