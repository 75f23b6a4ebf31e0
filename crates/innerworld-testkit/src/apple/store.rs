//! An authority that stands for the App Store's: root, authority and signer made at run time.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64},
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair,
    KeyUsagePurpose,
};
use serde_json::{Value, json};

const SIGNS_RECEIPTS: &[u64] = &[1, 2, 840, 113_635, 100, 6, 11, 1];
const ISSUES_SIGNERS: &[u64] = &[1, 2, 840, 113_635, 100, 6, 2, 1];
/// DER of NULL.
const NOTHING: [u8; 2] = [5, 0];

/// What is wrong with a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainFault {
    /// The signer's certificate is not for the App Store.
    UnmarkedSigner,
    /// The authority's certificate does not issue signers.
    UnmarkedAuthority,
    /// The authority is none: it may not sign certificates.
    NoAuthority,
    /// The signer's certificate ended in 2021.
    Ended,
}

/// A chain that signs.
pub struct StoreDouble {
    chain: [Vec<u8>; 3],
    key: Vec<u8>,
}

impl std::fmt::Debug for StoreDouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreDouble").finish_non_exhaustive()
    }
}

impl Default for StoreDouble {
    fn default() -> Self {
        Self::new(None)
    }
}

fn named(name: &str, is_ca: IsCa, marks: &[&[u64]]) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = match is_ca {
        IsCa::Ca(_) => vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
        _ => vec![KeyUsagePurpose::DigitalSignature],
    };
    params.is_ca = is_ca;
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2040, 1, 1);
    let mark = |mark: &&[u64]| CustomExtension::from_oid_content(mark, NOTHING.to_vec());
    params.custom_extensions = marks.iter().map(mark).collect();
    params
}

impl StoreDouble {
    /// A chain, with a fault or without.
    pub fn new(fault: impl Into<Option<ChainFault>>) -> Self {
        let fault = fault.into();
        let key = || KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let authority = |bound| IsCa::Ca(bound);
        let root = named("Root", authority(BasicConstraints::Unconstrained), &[]);
        let root = CertifiedIssuer::self_signed(root, key()).unwrap();
        let marks: &[&[u64]] = match fault {
            Some(ChainFault::UnmarkedAuthority) => &[],
            _ => &[ISSUES_SIGNERS],
        };
        let is_ca = match fault {
            Some(ChainFault::NoAuthority) => IsCa::ExplicitNoCa,
            _ => authority(BasicConstraints::Constrained(0)),
        };
        let middle = named("Authority", is_ca, marks);
        let middle = CertifiedIssuer::signed_by(middle, key(), &root).unwrap();
        let marks: &[&[u64]] = match fault {
            Some(ChainFault::UnmarkedSigner) => &[],
            _ => &[SIGNS_RECEIPTS],
        };
        let mut signer = named("Signer", IsCa::ExplicitNoCa, marks);
        if fault == Some(ChainFault::Ended) {
            signer.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        let signers = key();
        let signer = signer.signed_by(&signers, &middle).unwrap();
        let der = |certificate: &rcgen::Certificate| certificate.der().to_vec();
        Self {
            chain: [der(&signer), der(middle.as_ref()), der(root.as_ref())],
            key: signers.serialize_der(),
        }
    }

    /// The root, in DER.
    pub fn root(&self) -> Vec<u8> {
        self.chain[2].clone()
    }

    /// A signed text with the chain in its header.
    pub fn sign(&self, payload: &Value) -> String {
        self.sign_with(&self.chain, "ES256", payload)
    }

    /// The same signature under the chain of somebody else.
    pub fn sign_under(&self, other: &Self, payload: &Value) -> String {
        self.sign_with(&other.chain, "ES256", payload)
    }

    /// With another algorithm in the header, or a shorter chain.
    pub fn sign_with(&self, chain: &[Vec<u8>], algorithm: &str, payload: &Value) -> String {
        let chain: Vec<String> = chain.iter().map(|der| STANDARD.encode(der)).collect();
        let header = json!({"alg": algorithm, "x5c": chain});
        let encoded = |value: &Value| BASE64.encode(value.to_string());
        let text = format!("{}.{}", encoded(&header), encoded(payload));
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.key).unwrap();
        let signature = key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        format!("{text}.{}", BASE64.encode(signature))
    }

    /// The chain, leaf first.
    pub fn chain(&self) -> &[Vec<u8>; 3] {
        &self.chain
    }

    /// An app transaction of this app.
    pub fn app_transaction(&self, bundle_id: &str, id: &str, signed_ms: i64) -> String {
        self.sign(&json!({"bundleId": bundle_id, "appTransactionId": id,
            "receiptCreationDate": signed_ms, "receiptType": "Production"}))
    }

    /// The notification that a parent took back their consent.
    pub fn rescind(&self, bundle_id: &str, (uuid, id): (&str, &str), signed_ms: i64) -> String {
        let transaction = self.app_transaction(bundle_id, id, signed_ms);
        self.sign(&json!({
            "notificationType": "RESCIND_CONSENT", "notificationUUID": uuid, "version": "2.0",
            "signedDate": signed_ms,
            "appData": {"appAppleId": 41_234, "bundleId": bundle_id, "environment": "Production",
                "signedAppTransactionInfo": transaction},
        }))
    }
}
