//! What the App Store signs: server notifications (version 2) and app transactions. Each carries
//! its own chain of certificates, which must lead to a configured root.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime, pem::PemObject as _};
use serde::{Deserialize, de::DeserializeOwned};
use webpki::{EndEntityCert, KeyUsage, aws_lc_rs as algorithms};
use x509_cert::{
    Certificate,
    der::{Decode as _, oid::ObjectIdentifier},
};

use super::{MAX_JWS_BYTES, Untrusted, jws};
use crate::{clock::Timestamp, secret::Text};

/// Marks a certificate that signs for the App Store. Without the mark anybody to whom Apple gave
/// any certificate could sign.
const SIGNS_RECEIPTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.6.11.1");
/// Marks the authority between such a certificate and the root.
const ISSUES_SIGNERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113635.100.6.2.1");
/// Signer, authority, root.
const CHAIN: usize = 3;
const MAX_ID_BYTES: usize = 256;
/// Largest root certificate.
const MAX_ROOT_BYTES: usize = 16 * 1_024;

/// The bytes are no certificate of an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an X.509 root certificate in DER or PEM")]
pub struct BadRoot;

/// The root that the App Store's chains lead to, and the app that this installation serves.
#[derive(Clone, Debug)]
pub struct StoreTrust {
    root: TrustAnchor<'static>,
    bundle_id: String,
}

/// A notification that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreNotice {
    /// Its id; a repeat has the same.
    pub id: String,
    /// The app transaction whose consent a parent took back; `None` for other notifications.
    pub rescinded: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notice {
    notification_type: String,
    #[serde(rename = "notificationUUID")]
    id: String,
    app_data: Option<AppData>,
    data: Option<Data>,
    summary: Option<Data>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppData {
    bundle_id: String,
    signed_app_transaction_info: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    bundle_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppTransaction {
    bundle_id: String,
    app_transaction_id: String,
}

/// When something was signed, in milliseconds; only the certificates' own dates are compared with
/// it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Dates {
    signed_date: Option<i64>,
    receipt_creation_date: Option<i64>,
}

impl StoreTrust {
    /// Takes a root certificate, as DER or PEM.
    pub fn new(root: &[u8], bundle_id: &str) -> Result<Self, BadRoot> {
        if root.len() > MAX_ROOT_BYTES {
            return Err(BadRoot);
        }
        let der = CertificateDer::from_pem_slice(root)
            .unwrap_or_else(|_not_pem| CertificateDer::from(root.to_vec()));
        let anchor = webpki::anchor_from_trusted_cert(&der).map_err(|_says_nothing| BadRoot)?;
        Ok(Self {
            root: anchor.to_owned(),
            bundle_id: bundle_id.to_owned(),
        })
    }

    /// Checks a notification (`signedPayload`).
    ///
    /// The certificates must have been valid when it was signed, which may be long ago: a consent
    /// that was taken back stays so.
    pub fn notice(&self, signed: &str, now: Timestamp) -> Result<StoreNotice, Untrusted> {
        let notice: Notice = self.open(signed, now)?;
        let data = notice.data.as_ref().or(notice.summary.as_ref());
        let bundle_id = match (&notice.app_data, data) {
            (Some(app), _) => &app.bundle_id,
            (None, Some(data)) => &data.bundle_id,
            (None, None) => return Err(Untrusted::Form),
        };
        if *bundle_id != self.bundle_id {
            return Err(Untrusted::Audience);
        }
        if !(1..=MAX_ID_BYTES).contains(&notice.id.len()) {
            return Err(Untrusted::Form);
        }
        let rescinded = match (notice.notification_type.as_str(), &notice.app_data) {
            ("RESCIND_CONSENT", Some(app)) => {
                Some(self.app_transaction(&app.signed_app_transaction_info, now)?)
            }
            ("RESCIND_CONSENT", None) => return Err(Untrusted::Form),
            _ => None,
        };
        Ok(StoreNotice {
            id: notice.id,
            rescinded,
        })
    }

    /// Checks an app transaction, as an app gets it on the device: its id.
    pub fn app_transaction(&self, signed: &str, now: Timestamp) -> Result<Text, Untrusted> {
        let transaction: AppTransaction = self.open(signed, now)?;
        if transaction.bundle_id != self.bundle_id {
            return Err(Untrusted::Audience);
        }
        let id = transaction.app_transaction_id;
        if !(1..=MAX_ID_BYTES).contains(&id.len()) {
            return Err(Untrusted::Form);
        }
        Ok(Text::new(id))
    }

    fn open<T: DeserializeOwned>(&self, signed: &str, now: Timestamp) -> Result<T, Untrusted> {
        if signed.len() > MAX_JWS_BYTES {
            return Err(Untrusted::Form);
        }
        let header = jsonwebtoken::decode_header(signed).map_err(|_cause| Untrusted::Form)?;
        if header.alg != Algorithm::ES256 {
            return Err(Untrusted::Algorithm);
        }
        let chain = header.x5c_der().map_err(|_cause| Untrusted::Form)?;
        let chain = chain.ok_or(Untrusted::Form)?;
        let [leaf, authority, _root] =
            <[Vec<u8>; CHAIN]>::try_from(chain).map_err(|_another_length| Untrusted::Chain)?;
        let key = public_key(&leaf, &authority)?;
        // The key is believed after the chain; the date that the chain is checked at is part of
        // what the key signed.
        let dates: Dates = jws::claims(signed, &key, Algorithm::ES256)?;
        let signed_at = dates.signed_date.or(dates.receipt_creation_date);
        let signed_at = signed_at.map_or(now, Timestamp::from_millis).min(now);
        self.verify(leaf, authority, signed_at)?;
        jws::claims(signed, &key, Algorithm::ES256)
    }

    fn verify(&self, leaf: Vec<u8>, authority: Vec<u8>, at: Timestamp) -> Result<(), Untrusted> {
        let chain = |_cause: webpki::Error| Untrusted::Chain;
        let (leaf, authority) = (CertificateDer::from(leaf), CertificateDer::from(authority));
        let seconds = u64::try_from(at.as_seconds()).unwrap_or(0);
        EndEntityCert::try_from(&leaf)
            .map_err(chain)?
            .verify_for_usage(
                &[
                    algorithms::ECDSA_P256_SHA256,
                    algorithms::ECDSA_P256_SHA384,
                    algorithms::ECDSA_P384_SHA256,
                    algorithms::ECDSA_P384_SHA384,
                ],
                std::slice::from_ref(&self.root),
                std::slice::from_ref(&authority),
                UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
                // These certificates name no extended usage; one that does must be a client's.
                KeyUsage::client_auth(),
                None,
                None,
            )
            .map_err(chain)?;
        Ok(())
    }
}

/// The signer's public key, if both certificates bear their marks.
fn public_key(leaf: &[u8], authority: &[u8]) -> Result<DecodingKey, Untrusted> {
    let read = |der: &[u8]| Certificate::from_der(der).map_err(|_cause| Untrusted::Chain);
    let (leaf, authority) = (read(leaf)?, read(authority)?);
    if !is_marked(&leaf, SIGNS_RECEIPTS) || !is_marked(&authority, ISSUES_SIGNERS) {
        return Err(Untrusted::Chain);
    }
    let key = leaf.tbs_certificate.subject_public_key_info;
    let point = key.subject_public_key.as_bytes().ok_or(Untrusted::Chain)?;
    Ok(DecodingKey::from_ec_der(point))
}

fn is_marked(certificate: &Certificate, mark: ObjectIdentifier) -> bool {
    let extensions = certificate.tbs_certificate.extensions.as_deref();
    extensions
        .unwrap_or_default()
        .iter()
        .any(|extension| extension.extn_id == mark)
}
