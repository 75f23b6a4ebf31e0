//! Wrapping by KMS: the key that wraps never leaves it, and what it wrapped for one teen does not
//! open for another.

use aws_sdk_kms::{Client, primitives::Blob};
use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
    seal::TeenKey,
};
use zeroize::Zeroizing;

use crate::fault::failed;

/// Stands where a teen's id stands, for the keys of the service itself.
pub(super) const SERVICE: &str = "_service";
/// Name of the encryption context's one entry; the roles' rights are bound to it.
const CONTEXT: &str = "user_id";

/// The product's KMS key.
pub(super) struct Kms {
    client: Client,
    key: String,
}

impl Kms {
    pub(super) fn new(client: Client, key: String) -> Self {
        Self { client, key }
    }

    /// A fresh key for a teen, bare and wrapped.
    pub(super) async fn generate(&self, teen: TeenId) -> Result<(TeenKey, Vec<u8>), PortError> {
        self.generate_for(&teen.to_string()).await
    }

    /// A fresh key of the service, bare and wrapped.
    pub(super) async fn generate_service(&self) -> Result<(TeenKey, Vec<u8>), PortError> {
        self.generate_for(SERVICE).await
    }

    /// A teen's key.
    pub(super) async fn unwrap(&self, teen: TeenId, wrapped: &[u8]) -> Result<TeenKey, PortError> {
        self.unwrap_for(&teen.to_string(), wrapped).await
    }

    /// A key of the service.
    pub(super) async fn unwrap_service(&self, wrapped: &[u8]) -> Result<[u8; 32], PortError> {
        let key = self.unwrap_for(SERVICE, wrapped).await?;
        Ok(*key.expose())
    }

    async fn generate_for(&self, whose: &str) -> Result<(TeenKey, Vec<u8>), PortError> {
        const OPERATION: &str = "make a key";
        let answer = self
            .client
            .generate_data_key()
            .key_id(&self.key)
            .number_of_bytes(32)
            .encryption_context(CONTEXT, whose)
            .send()
            .await
            .map_err(|error| failed(OPERATION, &error))?;
        let wrapped = answer
            .ciphertext_blob
            .ok_or_else(|| PortError::new(ErrorKind::Unavailable, OPERATION))?
            .into_inner();
        Ok((bare(OPERATION, answer.plaintext)?, wrapped))
    }

    async fn unwrap_for(&self, whose: &str, wrapped: &[u8]) -> Result<TeenKey, PortError> {
        const OPERATION: &str = "unwrap a key";
        let answer = self
            .client
            .decrypt()
            .key_id(&self.key)
            .ciphertext_blob(Blob::new(wrapped))
            .encryption_context(CONTEXT, whose)
            .send()
            .await
            .map_err(|error| failed(OPERATION, &error))?;
        bare(OPERATION, answer.plaintext)
    }
}

/// The 32 bytes of a key; the service's copy is wiped.
fn bare(operation: &'static str, plaintext: Option<Blob>) -> Result<TeenKey, PortError> {
    let bytes = Zeroizing::new(plaintext.map(Blob::into_inner).unwrap_or_default());
    let bytes: Result<[u8; 32], _> = bytes.as_slice().try_into();
    bytes
        .map(TeenKey::from_bytes)
        .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, operation, cause))
}
