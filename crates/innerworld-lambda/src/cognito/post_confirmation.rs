//! After an account was confirmed: the teen's key is made, if there is none.
//!
//! Whoever needs it first makes it; this only spares the first message that wait. So a failure here
//! must not make the pool tell a teen that something went wrong: the account is confirmed.

use innerworld_aws::{Aws, configuration};
use innerworld_core::{error::ErrorKind, ids::TeenId, secret::Text};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answered;
use crate::{
    environment,
    run::{Failure, Handler, read},
    start,
};

const EXPECTED: &str = "not an event of PostConfirmation with a sub";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    trigger_source: String,
    request: Request,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    user_attributes: Attributes,
}

#[derive(Debug, Deserialize)]
struct Attributes {
    sub: Text,
}

/// The function `cognito-post-confirmation`.
#[derive(Debug)]
pub struct PostConfirmation {
    aws: Aws,
}

impl Handler for PostConfirmation {
    type Environment = environment::PostConfirmation;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let config = configuration().await;
        let keys = environment.keys;
        Ok(Self {
            aws: start::stores(&config, keys.tables, keys.kms_key),
        })
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let read: Event = read(event.clone(), EXPECTED)?;
        if !read.trigger_source.starts_with("PostConfirmation_") {
            return Err(Failure::event(EXPECTED));
        }
        let subject = read.request.user_attributes.sub;
        let teen = TeenId::from_verified_subject(subject.reveal())
            .map_err(|_not_a_subject| Failure::event(EXPECTED))?;
        match self.aws.ensure_key(teen).await {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Denied => {
                tracing::info!("no key is made for a teen who is being erased");
            }
            Err(error) => tracing::error!(
                operation = error.operation(),
                error.kind = ?error.kind(),
                "a teen's key could not be made; whoever needs it first tries again"
            ),
        }
        answered(event, json!({}))
    }
}
