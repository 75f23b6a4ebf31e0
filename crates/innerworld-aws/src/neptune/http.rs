//! The real client: `POST https://host:8182/openCypher`, signed with `SigV4` for the service
//! `neptune-db`.
//!
//! One attempt only: [`super::retrying::Retrying`] repeats it. Nothing is logged here, and an error
//! says which statement failed with which of Neptune's codes, never a value or Neptune's own
//! sentence, which may quote one.

mod answer;

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_credential_types::provider::SharedCredentialsProvider;
use innerworld_core::{
    clock::Clock,
    error::{ErrorKind, PortError},
};
use reqwest::{Certificate, Client, Url, header::CONTENT_TYPE};

use super::{
    engine::{Engine, Parameters, Row},
    statements::Statement,
};
use crate::signed::{self, Signer, Unsigned, unavailable, unusable};

/// How long a statement may take, the answer included: a little longer than the server lets it
/// run, so that its own error arrives.
pub const DEADLINE: Duration = Duration::from_secs(12);
/// How long opening a connection may take.
const CONNECT: Duration = Duration::from_secs(3);
/// What bodies are; signed too.
const FORM: &str = "application/x-www-form-urlencoded";

/// Where a graph database is.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Host name, without scheme or port.
    pub host: String,
    /// Port: 8182 on AWS.
    pub port: u16,
    /// Region that requests are signed for.
    pub region: String,
    /// Certificates in PEM that are believed instead of the system's.
    pub ca_file: Option<PathBuf>,
}

/// An [`Engine`] on one endpoint.
pub struct HttpEngine {
    http: Client,
    url: Url,
    signer: Signer,
}

impl std::fmt::Debug for HttpEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpEngine")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

impl HttpEngine {
    /// A client of `endpoint`. `Invalid` for a host that is none, a file that holds no
    /// certificate, or a machine whose own certificates cannot be used.
    pub fn new(
        endpoint: &Endpoint,
        credentials: SharedCredentialsProvider,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PortError> {
        let text = format!("https://{}:{}/openCypher", endpoint.host, endpoint.port);
        let url = Url::parse(&text).map_err(|cause| unusable("use the graph's address", cause))?;
        // A path, a user or another port inside the host would send the signature elsewhere.
        let plain = url.host_str() == Some(endpoint.host.as_str())
            && url.path() == "/openCypher"
            && url.username().is_empty()
            && url.password().is_none();
        if !plain {
            let operation = "use the graph's address: give a host name alone, in lower case";
            return Err(PortError::new(ErrorKind::Invalid, operation));
        }
        let signer = Signer {
            service: "neptune-db",
            region: endpoint.region.clone(),
            credentials,
            clock,
        };
        let http = client(endpoint)?;
        Ok(Self { http, url, signer })
    }

    async fn ask(
        &self,
        statement: Statement,
        parameters: &Parameters,
    ) -> Result<Vec<Row>, PortError> {
        let body = form(statement, parameters)?;
        let unsigned = Unsigned {
            method: "POST",
            url: self.url.as_str(),
            content_type: Some(FORM),
            body: body.as_bytes(),
        };
        let headers = self.signer.headers(unsigned).await?;
        let mut request = self.http.post(self.url.clone());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request
            .header(CONTENT_TYPE, FORM)
            .body(body)
            .send()
            .await
            // Its sentence holds the address, which is no secret but belongs to nobody's log.
            .map_err(|cause| unavailable("reach the graph", cause.without_url()))?;
        answer::read(statement, response).await
    }
}

#[async_trait]
impl Engine for HttpEngine {
    async fn run(
        &self,
        statement: Statement,
        parameters: &Parameters,
    ) -> Result<Vec<Row>, PortError> {
        tokio::time::timeout(DEADLINE, self.ask(statement, parameters))
            .await
            .unwrap_or_else(|late| Err(unavailable("hear from the graph in time", late)))
    }
}

fn client(endpoint: &Endpoint) -> Result<Client, PortError> {
    let mut builder = signed::client().https_only(true).connect_timeout(CONNECT);
    if let Some(file) = &endpoint.ca_file {
        const OPERATION: &str = "read the graph's certificate file";
        let pem = std::fs::read(file).map_err(|cause| unusable(OPERATION, cause))?;
        let roots =
            Certificate::from_pem_bundle(&pem).map_err(|cause| unusable(OPERATION, cause))?;
        if roots.is_empty() {
            return Err(PortError::new(ErrorKind::Invalid, OPERATION));
        }
        builder = builder.tls_certs_only(roots);
    }
    builder
        .build()
        .map_err(|cause| unusable("set up the graph's client", cause))
}

fn form(statement: Statement, parameters: &Parameters) -> Result<String, PortError> {
    let values = serde_json::to_string(parameters)
        .map_err(|cause| unusable("write the parameters of a statement", cause))?;
    Ok(form_urlencoded::Serializer::new(String::new())
        .append_pair("query", statement.text)
        .append_pair("parameters", &values)
        .finish())
}
