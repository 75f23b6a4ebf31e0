//! `stand-in`: InnerWorld's socket server for the real-time bench, on real stores.
//!
//! Everything a frame passes is real: handshake, rules, safety, sealing, SQLite. Two things are
//! not: tokens are plain (signing up 5,000 teens would be measured, and is no part of a frame),
//! and messages get no answer, since the turn itself is not what is measured.

mod services;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use clap::Args;
use innerworld_core::{
    clock::Timestamp,
    identity::token::{Claims, TokenError, TokenVerifier},
    ids::TeenId,
};
use innerworld_embedded::{Embedded, OpenOptions, OsIds, SystemClock};
use innerworld_server::{
    app::{App, LateSockets},
    router,
};

use crate::report;

/// Take messages of teens who need not sign up (a side of the benches)
#[derive(Debug, Args)]
pub(crate) struct StandIn {
    /// How many teens there are
    #[arg(long)]
    teens: usize,
    /// Where the data goes
    #[arg(long)]
    data_dir: PathBuf,
}

/// Teen number `number` of the bench.
pub(crate) fn teen(number: usize) -> TeenId {
    // Any constant keeps them apart from the nil UUID.
    TeenId::from_subject_bits((1_u128 << 100) | u128::try_from(number).unwrap_or(0))
}

/// A token of the bench: subject in hexadecimal, `/`, its end in milliseconds.
pub(crate) fn token(teen: TeenId, until: Timestamp) -> String {
    format!("{:x}/{}", teen.bits(), until.as_millis())
}

/// Believes every token of that form.
struct PlainTokens;

#[async_trait::async_trait]
impl TokenVerifier for PlainTokens {
    async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let (subject, end) = token.split_once('/').ok_or(TokenError::Invalid)?;
        let subject = u128::from_str_radix(subject, 16).map_err(|_form| TokenError::Invalid)?;
        let end = end.parse().map_err(|_form| TokenError::Invalid)?;
        let expires_at = Timestamp::from_millis(end);
        if now >= expires_at {
            return Err(TokenError::Expired);
        }
        Ok(Claims {
            teen: TeenId::from_subject_bits(subject),
            issued_at: now,
            expires_at,
            jti: String::new(),
            auth_time: now,
            scopes: Vec::new(),
        })
    }
}

impl StandIn {
    /// Serves until killed; prints its address once ready.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        // One thread: the server has one core in this bench.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(Box::pin(self.serve()))?;
        Ok(ExitCode::SUCCESS)
    }

    async fn serve(self) -> anyhow::Result<()> {
        let stores = open(self.data_dir)?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let sockets = Arc::new(LateSockets::default());
        let cognito = services::identity(&stores, &sockets).await?;
        let services = services::all(&stores, &cognito, Arc::new(PlainTokens)).await?;
        services::teens(&stores, &services, self.teens).await?;
        let account = services::account(&services, &stores, &cognito, &sockets, address);
        let app = App::without_answers(services, services::settings());
        sockets.attach(&app);
        app.start_background();
        let routes = router::public(&app, cognito, account);
        report::say(&address.to_string());
        axum::serve(
            listener,
            routes.into_make_service_with_connect_info::<SocketAddr>(),
        )
        .await?;
        Ok(())
    }
}

fn open(data_dir: PathBuf) -> anyhow::Result<Embedded> {
    let options = OpenOptions {
        master_key_file: data_dir.join("master.key"),
        data_dir,
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
    };
    Embedded::open(options).context("the store could not be opened")
}
