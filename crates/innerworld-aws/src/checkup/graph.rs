//! Neptune, asked for one.

use std::sync::Arc;

use aws_config::SdkConfig;
use innerworld_core::error::ErrorKind;
use serde_json::json;

use super::{Checkup, Finding, State};
use crate::neptune::{
    engine::{Engine as _, Parameters},
    http::{Endpoint, HttpEngine},
    statements,
};

const NAME: &str = "neptune";

impl Checkup {
    /// Sends the signed statement `ping`, once, with the client's own deadline of 12 seconds.
    pub async fn graph(&self, endpoint: Option<&Endpoint>, config: &SdkConfig) -> Finding {
        let Some(endpoint) = endpoint else {
            let detail = "no endpoint was given";
            return Finding::new(NAME, State::NotChecked, detail).next(
                "give --neptune HOST (Terraform's output) from inside its network; with \
                 `graph_backend = \"dynamodb\"` there is none",
            );
        };
        let Some(credentials) = config.credentials_provider() else {
            return Finding::new(NAME, State::NotChecked, "there are no credentials");
        };
        let engine = match HttpEngine::new(endpoint, credentials, Arc::clone(&self.clock)) {
            Ok(engine) => engine,
            Err(error) => return Finding::of_error(NAME, State::Failed, &error),
        };
        let one = Parameters::from_iter([("one".to_owned(), json!(1))]);
        match engine.run(statements::PING, &one).await {
            Ok(rows)
                if rows
                    .first()
                    .is_some_and(|row| row.get("one") == Some(&json!(1))) =>
            {
                Finding::new(NAME, State::Ok, "answered a signed statement")
            }
            Ok(_) => Finding::new(
                NAME,
                State::Failed,
                "answered something else than it was asked",
            )
            .next("check that the endpoint is the cluster's own"),
            Err(error) => {
                let finding = Finding::of_error(NAME, State::Failed, &error);
                match error.kind() {
                    ErrorKind::Throttled => finding.next("try again in a minute"),
                    _ => finding
                        .next(
                            "Neptune answers inside its network only: run this there, and look at the \
                             security group (8182 from the graph functions)",
                        )
                        .next(
                            "with 403: the role needs neptune-db:ReadDataViaQuery on the cluster's \
                             resource id, and the cluster IAM authentication",
                        )
                        .next(format!(
                            "aws neptune describe-db-clusters --db-cluster-identifier \
                             {}-neptune-cluster",
                            self.prefix
                        )),
                }
            }
        }
    }
}
