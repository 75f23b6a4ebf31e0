//! The bucket of exports: one object a teen at most. Its name is a hash of the teen's id, so an erase finds
//! it without any row, and nobody reads from it whose it is.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client, error::ProvideErrorMetadata as _,
    operation::put_object::builders::PutObjectFluentBuilder, presigning::PresigningConfig,
    primitives::ByteStream, types::ServerSideEncryption,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use innerworld_core::{
    error::{ErrorKind, PortError},
    hex,
    ids::TeenId,
    secret::Text,
};
use sha2::{Digest as _, Sha256};

use crate::{fault::failed, open::once};

/// What the names of objects begin with; the bucket deletes what lies there after a day.
const FOLDER: &str = "exports";
const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";
/// Said to whoever fetches by address: nothing between us keeps it.
const NOT_KEPT: &str = "no-store";

/// The objects of one bucket.
#[derive(Clone, Debug)]
pub struct ExportBucket {
    client: Client,
    bucket: String,
    kms_key: String,
}

impl ExportBucket {
    /// The bucket of this name, in the account and region of `config`; `kms_key` encrypts what is not
    /// sealed. A call is tried once and takes `timeout` at most.
    pub fn new(config: &SdkConfig, (bucket, kms_key): (String, String), timeout: Duration) -> Self {
        Self {
            client: Client::new(&once(config, timeout)),
            bucket,
            kms_key,
        }
    }

    /// Puts a sealed document in the place of an older one.
    pub async fn put_sealed(&self, teen: TeenId, sealed: Vec<u8>) -> Result<(), PortError> {
        let put = self.put(teen, sealed).content_type(BYTES);
        send(put).await
    }

    /// Puts a document that is fetched by address, encrypted by KMS for this teen: the right to
    /// decrypt is bound to the same context as that of teens' keys.
    pub async fn put_to_fetch(&self, teen: TeenId, document: Vec<u8>) -> Result<(), PortError> {
        let context = serde_json::json!({"user_id": teen.to_string()}).to_string();
        let put = self
            .put(teen, document)
            .content_type(JSON)
            .cache_control(NOT_KEPT)
            .server_side_encryption(ServerSideEncryption::AwsKms)
            .ssekms_key_id(&self.kms_key)
            .ssekms_encryption_context(BASE64_STANDARD.encode(context));
        send(put).await
    }

    /// The teen's object; `None` if there is none.
    pub async fn read(&self, teen: TeenId) -> Result<Option<Vec<u8>>, PortError> {
        const OPERATION: &str = "read an export";
        let asked = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(name(teen))
            .send()
            .await;
        let answer = match asked {
            Ok(answer) => answer,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
            Err(error) => return Err(failed(OPERATION, &error)),
        };
        let cut = |cause| PortError::with_source(ErrorKind::Unavailable, OPERATION, cause);
        let body = answer.body.collect().await.map_err(cut)?;
        Ok(Some(body.to_vec()))
    }

    /// An address under which anybody may fetch the teen's object for so long.
    pub async fn address(&self, teen: TeenId, life: Duration) -> Result<Text, PortError> {
        const OPERATION: &str = "make an address of an export";
        let invalid = |cause| PortError::with_source(ErrorKind::Invalid, OPERATION, cause);
        let life = PresigningConfig::expires_in(life).map_err(invalid)?;
        let signed = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(name(teen))
            .presigned(life)
            .await
            .map_err(|error| failed(OPERATION, &error))?;
        Ok(Text::new(signed.uri().to_owned()))
    }

    /// Deletes the teen's object; deleting what is not there succeeds.
    pub async fn delete(&self, teen: TeenId) -> Result<(), PortError> {
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(name(teen))
            .send()
            .await
            .map(|_deleted| ())
            .map_err(|error| failed("delete an export", &error))
    }

    fn put(&self, teen: TeenId, body: Vec<u8>) -> PutObjectFluentBuilder {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(name(teen))
            .body(ByteStream::from(body))
    }
}

async fn send(put: PutObjectFluentBuilder) -> Result<(), PortError> {
    put.send()
        .await
        .map(|_stored| ())
        .map_err(|error| failed("store an export", &error))
}

fn name(teen: TeenId) -> String {
    let mut hash = Sha256::new();
    hash.update(b"innerworld export object v1");
    hash.update(teen.to_bytes());
    format!("{FOLDER}/{}", hex::encode(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_nothing_of_its_teen_and_is_theirs_alone() {
        let (teen, other) = (TeenId::from_subject_bits(7), TeenId::from_subject_bits(8));
        assert_eq!(name(teen), name(teen));
        assert_ne!(name(teen), name(other));
        assert_eq!(name(teen).len(), FOLDER.len() + 1 + 64);
        assert!(!name(teen).contains(&teen.to_string()));
    }
}
