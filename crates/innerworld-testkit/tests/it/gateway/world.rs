//! Functions in this process that write down what they are given.

use std::sync::Arc;

use innerworld_testkit::{
    gateway::{Gateway, GatewaySettings, Routes},
    lambda::Handlers,
    signature::Caller,
};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

/// An event that a function was given.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) function: &'static str,
    pub(super) event: Value,
}

type Said = Result<Value, &'static str>;

/// What functions do.
#[derive(Clone)]
pub(super) struct Handled {
    authorizer: Said,
    connect: Said,
    default: Said,
    /// Whether `$default` waits until it is let go.
    held: bool,
}

impl Handled {
    fn well() -> Self {
        let protocol = json!({"Sec-WebSocket-Protocol": "innerworld.v1"});
        Self {
            authorizer: Ok(policy("Allow")),
            connect: Ok(json!({"statusCode": 200, "headers": protocol})),
            default: Ok(json!({"statusCode": 200, "body": "for nobody"})),
            held: false,
        }
    }

    pub(super) fn denies() -> Self {
        Self::authorizer(Ok(policy("Deny")))
    }

    pub(super) fn authorizer(authorizer: Said) -> Self {
        Self {
            authorizer,
            ..Self::well()
        }
    }

    pub(super) fn connect(connect: Said) -> Self {
        Self {
            connect,
            ..Self::well()
        }
    }

    pub(super) fn default_route(default: Said) -> Self {
        Self {
            default,
            ..Self::well()
        }
    }

    pub(super) fn held() -> Self {
        Self {
            held: true,
            ..Self::well()
        }
    }
}

fn policy(effect: &str) -> Value {
    json!({
        "principalId": "somebody",
        "policyDocument": {"Version": "2012-10-17", "Statement": [{
            "Action": "execute-api:Invoke", "Effect": effect, "Resource": "*",
        }]},
        "context": {"ends": 1_764_000_003_600_000_i64},
    })
}

struct Inner {
    handled: Handled,
    given: watch::Sender<Vec<Given>>,
    finished: watch::Sender<usize>,
    released: Semaphore,
}

/// The functions.
#[derive(Clone)]
pub(super) struct World(Arc<Inner>);

impl World {
    pub(super) fn new() -> Self {
        Self::with(Handled::well())
    }

    pub(super) fn with(handled: Handled) -> Self {
        Self(Arc::new(Inner {
            handled,
            given: watch::Sender::default(),
            finished: watch::Sender::default(),
            released: Semaphore::new(0),
        }))
    }

    pub(super) fn settings() -> GatewaySettings {
        let name = |name: &str| Some(name.to_owned());
        GatewaySettings {
            routes: Routes {
                authorizer: name("authorizer"),
                connect: name("connect"),
                default: name("default"),
                disconnect: name("disconnect"),
            },
            ..GatewaySettings::default()
        }
    }

    pub(super) async fn gateway(&self) -> Gateway {
        self.gateway_with(Self::settings()).await
    }

    pub(super) async fn gateway_with(&self, settings: GatewaySettings) -> Gateway {
        let mut handlers = Handlers::new();
        for function in ["authorizer", "connect", "default", "disconnect"] {
            let inner = Arc::clone(&self.0);
            handlers = handlers.with(function, move |event| {
                handle(Arc::clone(&inner), function, event)
            });
        }
        Gateway::start(settings, Arc::new(handlers), Caller::of_functions()).await
    }

    pub(super) fn events(&self) -> Vec<Given> {
        self.0.given.borrow().clone()
    }

    pub(super) fn events_of(&self, function: &str) -> Vec<Value> {
        let mut events = self.events();
        events.retain(|given| given.function == function);
        events.into_iter().map(|given| given.event).collect()
    }

    /// Waits until a function was given so many events.
    pub(super) async fn wait_for(&self, function: &str, count: usize) {
        let enough = |given: &Vec<Given>| {
            let of_it = given.iter().filter(|given| given.function == function);
            of_it.count() >= count
        };
        self.0.given.subscribe().wait_for(enough).await.unwrap();
    }

    /// Lets so many held events go.
    pub(super) fn release(&self, count: usize) {
        self.0.released.add_permits(count);
    }

    /// How many events of `$default` were answered.
    pub(super) fn finished(&self) -> usize {
        *self.0.finished.borrow()
    }

    pub(super) async fn wait_until_finished(&self, count: usize) {
        let mut finished = self.0.finished.subscribe();
        finished.wait_for(|done| *done >= count).await.unwrap();
    }
}

async fn handle(inner: Arc<Inner>, function: &'static str, event: Value) -> Result<Value, String> {
    inner
        .given
        .send_modify(|given| given.push(Given { function, event }));
    let handled = &inner.handled;
    let said = match function {
        "authorizer" => handled.authorizer.clone(),
        "connect" => handled.connect.clone(),
        "default" => {
            if handled.held {
                inner.released.acquire().await.unwrap().forget();
            }
            inner.finished.send_modify(|done| *done += 1);
            handled.default.clone()
        }
        _ => Ok(json!({"statusCode": 200})),
    };
    said.map_err(str::to_owned)
}
