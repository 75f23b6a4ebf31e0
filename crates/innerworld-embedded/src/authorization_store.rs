//! Sign-ins through a browser, on their way: requests and codes, in `memory.db`.

use std::sync::Arc;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::oauth::{AuthorizationCode, AuthorizationStore, Redeemed, SignInRequest},
};
use rusqlite::OptionalExtension;

use crate::{rows, server_seals::ServerSeals, shared::Shared};

const CODE: &str = "memory/authorization_code";

/// [`AuthorizationStore`] on `memory.db`.
#[derive(Debug)]
pub(crate) struct SqliteAuthorizationStore {
    shared: Arc<Shared>,
    seals: ServerSeals,
}

impl SqliteAuthorizationStore {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let seals = ServerSeals::new(Arc::clone(&shared), "oauth");
        Self { shared, seals }
    }
}

#[async_trait]
impl AuthorizationStore for SqliteAuthorizationStore {
    async fn put_request(
        &self,
        hash: [u8; 32],
        request: &SignInRequest,
        most: usize,
        now: Timestamp,
    ) -> Result<(), PortError> {
        const OPERATION: &str = "store a sign-in that began";
        let sealed = self.seals.seal(&hash, request).await?;
        let expires = request.expires_at.as_millis();
        self.shared
            .memory
            .write_single(OPERATION, None, move |connection| {
                let waiting: i64 = connection
                    .prepare_cached("SELECT count(*) FROM sign_in_request WHERE expires > ?1")?
                    .query_row([now.as_millis()], |row| row.get(0))?;
                if waiting >= rows::limit(most) {
                    return Err(PortError::new(ErrorKind::Throttled, OPERATION).into());
                }
                connection
                    .prepare_cached(
                        "INSERT INTO sign_in_request (hash, expires, sealed) VALUES (?1, ?2, ?3)",
                    )?
                    .execute((hash, expires, sealed))?;
                Ok(())
            })
            .await
    }

    async fn take_request(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignInRequest>, PortError> {
        let taken: Option<(i64, Vec<u8>)> = self
            .shared
            .memory
            .write_single("take a sign-in that began", None, move |connection| {
                Ok(connection
                    .prepare_cached(
                        "DELETE FROM sign_in_request WHERE hash = ?1 RETURNING expires, sealed",
                    )?
                    .query_row([hash], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?)
            })
            .await?;
        match taken {
            Some((expires, sealed)) if expires > now.as_millis() => {
                self.seals.open(&hash, &sealed).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    async fn put_code(&self, code: &AuthorizationCode) -> Result<(), PortError> {
        let seals = self.shared.teen_keys.for_writing(code.teen).await?;
        let sealed = seals.seal(&*self.shared.ids, (CODE, &code.hash), code)?;
        let (hash, expires) = (code.hash, code.expires_at.as_millis());
        self.shared
            .memory
            .write_single(
                "store an authorization code",
                Some(code.teen),
                move |connection| {
                    connection
                        .prepare_cached(
                            "INSERT INTO authorization_code (hash, teen, expires, sealed)
                             VALUES (?1, ?2, ?3, ?4)",
                        )?
                        .execute((hash, seals.number, expires, sealed))?;
                    Ok(())
                },
            )
            .await
    }

    /// Reads and marks in one transaction of the only writer: one use is the first.
    async fn redeem(
        &self,
        hash: [u8; 32],
        grant: [u8; 32],
        now: Timestamp,
    ) -> Result<Redeemed, PortError> {
        type Found = (i64, Option<[u8; 32]>, Vec<u8>);
        let found: Option<Found> = self
            .shared
            .memory
            .write("use an authorization code", None, move |connection| {
                let found: Option<Found> = connection
                    .prepare_cached(
                        "SELECT teen, used_for, sealed FROM authorization_code
                         WHERE hash = ?1 AND expires > ?2",
                    )?
                    .query_row((hash, now.as_millis()), |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                    })
                    .optional()?;
                if matches!(found, Some((_, None, _))) {
                    connection
                        .prepare_cached(
                            "UPDATE authorization_code SET used_for = ?2 WHERE hash = ?1",
                        )?
                        .execute((hash, grant))?;
                }
                Ok(found)
            })
            .await?;
        let Some((number, used_for, sealed)) = found else {
            return Ok(Redeemed::Unknown);
        };
        // Without a key there is nobody any more whom the code could sign in.
        let Some(seals) = self.shared.teen_keys.by_number(number).await? else {
            return Ok(Redeemed::Unknown);
        };
        match used_for {
            Some(grant) => Ok(Redeemed::Again {
                teen: seals.teen(),
                grant,
            }),
            None => seals.open((CODE, &hash), &sealed).map(Redeemed::First),
        }
    }
}
