//! The calls that Terraform makes, by their paths.

use std::{convert::Infallible, sync::Arc};

use prost::Message;
use tokio::sync::watch;
use tonic::{
    Request, Response, Status,
    body::Body,
    codegen::{BoxFuture, Context, Poll, Service, http},
    server::Grpc,
};
use tonic_prost::ProstCodec;

use crate::messages::{Diagnostic, Health, Nothing, Refusal, Schemas};

/// What is said to whoever takes this for the provider.
const REFUSED: &str = "offline schema stub, not AWS";

/// States may be long; the schema of all that is used is far below.
const LARGEST_MESSAGE: usize = 256 * 1024 * 1024;

/// The services `tfplugin6.Provider`, `grpc.health.v1.Health` and `plugin.GRPCController`.
#[derive(Clone, Debug)]
pub(crate) struct Stub {
    schemas: Arc<Schemas>,
    stop: watch::Sender<bool>,
}

impl Stub {
    pub(crate) fn new(schemas: Schemas) -> Self {
        Self {
            schemas: Arc::new(schemas),
            stop: watch::Sender::new(false),
        }
    }

    /// Ends when Terraform has said that it is done.
    pub(crate) fn stopped(&self) -> impl Future<Output = ()> + use<> {
        let mut stop = self.stop.subscribe();
        async move {
            // Without a sender there is nobody left to serve either.
            drop(stop.wait_for(|stop| *stop).await);
        }
    }
}

impl Service<http::Request<Body>> for Stub {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let stub = self.clone();
        Box::pin(async move { Ok(stub.answer(request).await) })
    }
}

impl Stub {
    async fn answer(self, request: http::Request<Body>) -> http::Response<Body> {
        match request.uri().path() {
            "/tfplugin6.Provider/GetProviderSchema" => {
                unary(Schemas::clone(&self.schemas), request).await
            }
            "/tfplugin6.Provider/ValidateProviderConfig"
            | "/tfplugin6.Provider/ValidateResourceConfig"
            | "/tfplugin6.Provider/ValidateDataResourceConfig"
            | "/tfplugin6.Provider/StopProvider" => unary(Nothing {}, request).await,
            "/tfplugin6.Provider/ConfigureProvider" => unary(refusal(), request).await,
            "/grpc.health.v1.Health/Check" => unary(Health { status: 1 }, request).await,
            "/plugin.GRPCController/Shutdown" => {
                let answer = unary(Nothing {}, request).await;
                self.stop.send_replace(true);
                answer
            }
            _ => Status::unimplemented(REFUSED).into_http(),
        }
    }
}

fn refusal() -> Refusal {
    Refusal {
        diagnostics: vec![Diagnostic {
            severity: 1,
            summary: REFUSED.to_owned(),
            detail:
                "Only `terraform validate` and `terraform test` with a mocked provider work with \
                     it. For a plan, let `terraform init` install the provider."
                    .to_owned(),
        }],
    }
}

/// Answers one call with `answer`, whatever it asked.
async fn unary<T: Message + Default + 'static>(
    answer: T,
    request: http::Request<Body>,
) -> http::Response<Body> {
    Grpc::new(ProstCodec::<T, Nothing>::default())
        .max_decoding_message_size(LARGEST_MESSAGE)
        .max_encoding_message_size(LARGEST_MESSAGE)
        .unary(Always(Some(answer)), request)
        .await
}

/// A call's handler that has its answer already.
struct Always<T>(Option<T>);

impl<T: Send + 'static> Service<Request<Nothing>> for Always<T> {
    type Response = Response<T>;
    type Error = Status;
    type Future = std::future::Ready<Result<Response<T>, Status>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<Nothing>) -> Self::Future {
        let answer = self.0.take().map(Response::new);
        std::future::ready(answer.ok_or_else(|| Status::internal("answered already")))
    }
}
