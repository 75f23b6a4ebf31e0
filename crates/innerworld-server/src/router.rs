//! All public routes.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, Method, Request, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

use innerworld_engine::{app::App, export::Exports};

use crate::{
    apple::AppleWebhook,
    cognito::Cognito,
    http::{
        account::AccountApi,
        context::Api,
        error::{ApiError, RequestIds, finish},
        export, health,
        idempotency::once,
        journal, memory, public, talk,
        visits::{self, Visits},
    },
    openapi::Operation,
    relay, socket,
};

/// The public listener's routes. Serve them with connection information, or limits by address and
/// the development code route do nothing.
pub fn public(app: &Arc<App>, cognito: Arc<Cognito>, account: AccountApi) -> Router {
    let api = Api::new(Arc::clone(app));
    let routes = Router::new()
        .merge(health::router().with_state(api.clone()))
        .merge(cognito.router())
        .merge(socket::router(Arc::clone(app)))
        .merge(account.router())
        .merge(described(&api));
    guarded(api, routes)
}

/// The product's own routes over plain requests, without those that belong to one machine: its identity
/// provider, its socket, its health. Exports are handed out by `exports`, and what Apple tells is taken by
/// `apple`.
///
/// What routes keep between requests (answers by `Idempotency-Key`, visits by address) is this
/// process's own: where several serve the same teens, each knows only what passed through it.
pub fn own(
    app: &Arc<App>,
    (account, apple): (AccountApi, AppleWebhook),
    exports: Arc<dyn Exports>,
) -> Router {
    let api = Api::with_exports(Arc::clone(app), exports);
    let routes = account.router().merge(apple.router());
    let routes = routes.merge(described(&api));
    guarded(api, routes)
}

/// The routes that stand on sessions and services; everything else is unknown.
fn described(api: &Api) -> Router {
    let request_ids = request_ids(api);
    talk::router()
        .merge(journal::router())
        .merge(public::router())
        .merge(memory::router())
        .merge(export::router())
        .fallback(unknown)
        .layer(middleware::map_response_with_state(request_ids, finish))
        .with_state(api.clone())
}

/// What lies before every route.
fn guarded(api: Api, routes: Router) -> Router {
    let app = Arc::clone(&api.app);
    let request_ids = request_ids(&api);
    let origins: Arc<[String]> = app.settings.allowed_origins.clone().into();
    routes
        .layer(middleware::from_fn_with_state(api, once))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            relay::passed_on,
        ))
        .layer(middleware::from_fn_with_state(
            Visits::new(&app),
            visits::limited,
        ))
        .layer(middleware::map_response_with_state(request_ids, finish))
        .layer(middleware::from_fn(move |request, next| {
            cors(Arc::clone(&origins), request, next)
        }))
        .layer(middleware::map_response_with_state(
            app.settings.https,
            secure,
        ))
}

fn request_ids(api: &Api) -> RequestIds {
    let services = &api.app.services;
    RequestIds {
        ids: Arc::clone(&services.ids),
        clock: Arc::clone(&services.clock),
    }
}

/// Every operation of the public HTTP API.
pub fn operations() -> Vec<Operation> {
    let mut all = crate::http::account::operations();
    all.extend(talk::operations());
    all.extend(journal::operations());
    all.extend(public::operations());
    all.extend(export::operations());
    all.extend(memory::operations());
    all.extend(crate::cognito::operations());
    all
}

async fn unknown() -> ApiError {
    ApiError::not_found()
}

/// Headers that cost nothing and close doors. A page that needs more than nothing sets its own policy.
/// `https` is whether browsers reach this server by https only.
pub(crate) async fn secure(State(https): State<bool>, mut response: Response) -> Response {
    let always = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    let headers = response.headers_mut();
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        let two_years = HeaderValue::from_static("max-age=63072000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
    }
    let unless_set = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in unless_set {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Cross-origin requests from the allowed origins, and no others.
async fn cors(origins: Arc<[String]>, request: Request<axum::body::Body>, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = origin.filter(|origin| {
        origins
            .iter()
            .any(|allowed| allowed.as_bytes() == origin.as_bytes())
    });
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        let methods = "GET, POST, PUT, PATCH, DELETE";
        let accepted =
            "authorization, content-type, idempotency-key, x-amz-target, x-amz-user-agent";
        (
            StatusCode::NO_CONTENT,
            [
                (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, accepted),
                (header::ACCESS_CONTROL_MAX_AGE, "600"),
            ],
        )
            .into_response()
    } else {
        next.run(request).await
    };
    if let Some(origin) = allowed {
        response
            .headers_mut()
            .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response
            .headers_mut()
            .append(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}
