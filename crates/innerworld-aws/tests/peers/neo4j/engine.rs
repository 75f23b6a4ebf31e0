//! An engine over Neo4j's HTTP interface for transactions.

use std::time::Duration;

use async_trait::async_trait;
use innerworld_aws::neptune::{
    engine::{Engine, Parameters, Row},
    statements::Statement,
};
use innerworld_core::{
    error::{ErrorKind, PortError},
    memory::ontology::NodeKind,
};
use reqwest::Client;
use serde_json::{Value, json};

/// Neo4j at an address.
#[derive(Debug)]
pub(super) struct Neo4jEngine {
    http: Client,
    url: String,
}

impl Neo4jEngine {
    pub(super) fn new(base: &str) -> Self {
        let http = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(60));
        Self {
            http: http.build().unwrap(),
            url: format!("{}/db/neo4j/tx/commit", base.trim_end_matches('/')),
        }
    }

    /// On Neptune an id is unique by itself; here it is made so, label by label.
    pub(super) async fn constrain(&self) {
        for kind in NodeKind::ALL {
            let label = kind.name();
            let text = format!(
                "CREATE CONSTRAINT IF NOT EXISTS FOR (n:{label}) REQUIRE n.`~id` IS UNIQUE"
            );
            // Several tests do it at once; whoever comes late may be told to try again.
            let mut tries = 0;
            while let Err(error) = self.post(&text, &Parameters::new()).await {
                tries += 1;
                assert!(error.is_retryable() && tries < 50, "{error:?}");
            }
        }
    }

    async fn post(&self, text: &str, parameters: &Parameters) -> Result<Vec<Row>, PortError> {
        const OPERATION: &str = "run a statement on Neo4j";
        let body = json!({"statements": [{"statement": text, "parameters": parameters}]});
        let unavailable = |cause| PortError::with_source(ErrorKind::Unavailable, OPERATION, cause);
        let response = self.http.post(&self.url).json(&body).send().await;
        let answer: Value = response
            .map_err(|cause: reqwest::Error| unavailable(cause))?
            .json()
            .await
            .map_err(unavailable)?;
        if let Some(code) = answer["errors"][0]["code"].as_str() {
            let passing = code.starts_with("Neo.TransientError") || code.contains("Constraint");
            let kind = if passing {
                ErrorKind::Unavailable
            } else {
                ErrorKind::Invalid
            };
            return Err(PortError::with_source(
                kind,
                OPERATION,
                answer["errors"].to_string(),
            ));
        }
        let result = &answer["results"][0];
        let columns: Vec<&str> = texts(&result["columns"]);
        let rows = result["data"].as_array().unwrap().iter();
        Ok(rows
            .map(|row| {
                let values = row["row"].as_array().unwrap().iter().cloned();
                columns
                    .iter()
                    .map(|name| (*name).to_owned())
                    .zip(values)
                    .collect()
            })
            .collect())
    }
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect()
}

#[async_trait]
impl Engine for Neo4jEngine {
    async fn run(
        &self,
        statement: Statement,
        parameters: &Parameters,
    ) -> Result<Vec<Row>, PortError> {
        self.post(statement.text, parameters).await
    }
}
