//! The certificate of the public listener: read, checked, and read again when its files change.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use anyhow::{Context as _, bail};
use innerworld_core::{
    clock::{Clock as _, Timestamp},
    secret::Secret,
};
use innerworld_embedded::SystemClock;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use x509_cert::{Certificate, der::Decode as _};

use super::{Mistake, http::HttpConfig};

/// Largest file of a chain or key.
const MAX_BYTES: u64 = 256 * 1024;
/// Days before its end at which a certificate is warned of.
const WARN_DAYS: i64 = 14;
/// The one protocol that is spoken.
const HTTP_1_1: &[u8] = b"http/1.1";

/// A certificate chain with its key.
#[derive(Debug)]
struct Pair {
    key: Arc<CertifiedKey>,
    /// When the first certificate of the chain ends.
    ends: Timestamp,
}

/// When the two files changed last.
type Changed = (Option<SystemTime>, Option<SystemTime>);

/// The certificate in force.
#[derive(Debug)]
pub(crate) struct LiveCertificate {
    chain: PathBuf,
    key: PathBuf,
    now: RwLock<(Pair, Changed)>,
}

impl LiveCertificate {
    /// The configured one; `None` for plain HTTP.
    pub(crate) fn open(config: &HttpConfig) -> anyhow::Result<Option<Arc<Self>>> {
        let Some((chain, key)) = config.tls_files() else {
            return Ok(None);
        };
        let changed = changed(chain, key);
        let pair = read(chain, key)?;
        Ok(Some(Arc::new(Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
            now: RwLock::new((pair, changed)),
        })))
    }

    /// When it ends.
    pub(crate) fn ends(&self) -> Timestamp {
        self.with(|(pair, _)| pair.ends)
    }

    /// Whether the files were written since they were read last, well or not.
    pub(crate) fn has_changed(&self) -> bool {
        let on_disk = changed(&self.chain, &self.key);
        self.with(|(_, read)| *read != on_disk)
    }

    /// Reads the files anew. New connections get the new certificate; after an error, the one of before.
    pub(crate) fn reload(&self) -> anyhow::Result<()> {
        let on_disk = changed(&self.chain, &self.key);
        let read = read(&self.chain, &self.key);
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        // A pair that cannot be used is not tried again until somebody writes it.
        now.1 = on_disk;
        now.0 = read?;
        Ok(())
    }

    /// The protocol settings with this certificate: TLS 1.2 and 1.3.
    pub(crate) fn server(self: &Arc<Self>) -> anyhow::Result<Arc<ServerConfig>> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let resolver = Arc::clone(self);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("TLS has no protocol version")?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(Arc::new(config))
    }

    fn with<T>(&self, look: impl FnOnce(&(Pair, Changed)) -> T) -> T {
        look(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for LiveCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.with(|(pair, _)| Arc::clone(&pair.key)))
    }
}

/// Adds what keeps a server from starting with these files.
pub(super) fn check(config: &HttpConfig, found: &mut Vec<Mistake>) {
    match (&config.tls_certificate_file, &config.tls_key_file) {
        (Some(_), None) => {
            let message = "must be set when `http.tls_certificate_file` is";
            found.push(Mistake::of("http.tls_key_file", message));
        }
        (None, Some(_)) => {
            let message = "must be set when `http.tls_key_file` is";
            found.push(Mistake::of("http.tls_certificate_file", message));
        }
        (None, None) => {}
        (Some(chain), Some(key)) => {
            if let Err(error) = read(chain, key) {
                let message = format!("{error:#}");
                found.push(Mistake::of("http.tls_certificate_file", message));
            }
        }
    }
}

/// What will keep clients away soon.
pub(super) fn warnings(config: &HttpConfig) -> Option<String> {
    let (chain, key) = config.tls_files()?;
    let ends = read(chain, key).ok()?.ends;
    let days = days_until(ends);
    (days < WARN_DAYS).then(|| {
        let file = chain.display();
        if days < 0 {
            format!("the certificate in {file} has ended: no client accepts it; renew it")
        } else {
            format!("the certificate in {file} ends in {days} days; renew it (it is read anew within a minute)")
        }
    })
}

/// Whole days from now, below 0 when it is past.
pub(crate) fn days_until(ends: Timestamp) -> i64 {
    let left = ends
        .as_millis()
        .saturating_sub(SystemClock.now().as_millis());
    left.div_euclid(24 * 3_600 * 1_000)
}

fn changed(chain: &Path, key: &Path) -> Changed {
    let of = |path| fs::metadata(path).and_then(|data| data.modified()).ok();
    (of(chain), of(key))
}

fn read(chain: &Path, key: &Path) -> anyhow::Result<Pair> {
    let text = bytes(chain)?;
    let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| anyhow::anyhow!("{} is no PEM file: {error}", chain.display()))?;
    let Some(first) = certificates.first() else {
        bail!("{} holds no certificate", chain.display());
    };
    let ends = end_of(first)
        .with_context(|| format!("the first certificate in {} is broken", chain.display()))?;
    // Zeroised when it is dropped.
    let pem = bytes(key)?;
    let pem = Secret::new(
        String::from_utf8(pem)
            .ok()
            .with_context(|| format!("{} is no PEM file", key.display()))?,
    );
    // What is wrong with a private key is not repeated: it would be a part of it.
    let der = PrivateKeyDer::from_pem_slice(pem.reveal().as_bytes())
        .map_err(|_bad| anyhow::anyhow!("{} holds no private key in PEM", key.display()))?;
    let pair = CertifiedKey::from_der(certificates, der, &aws_lc_rs::default_provider()).map_err(
        |error| match error {
            rustls::Error::InconsistentKeys(_) => anyhow::anyhow!(
                "the key in {} does not belong to the certificate in {}",
                key.display(),
                chain.display()
            ),
            _other => anyhow::anyhow!("{} holds no usable private key", key.display()),
        },
    )?;
    Ok(Pair {
        key: Arc::new(pair),
        ends,
    })
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let unreadable = || format!("{} could not be read", path.display());
    let file = fs::File::open(path).with_context(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        bail!("{} is too large for a certificate or key", path.display());
    }
    Ok(bytes)
}

fn end_of(certificate: &CertificateDer<'_>) -> anyhow::Result<Timestamp> {
    let parsed = Certificate::from_der(certificate).context("it is no X.509 certificate")?;
    let ends = parsed.tbs_certificate.validity.not_after.to_unix_duration();
    let millis = i64::try_from(ends.as_millis()).context("it ends too far from now")?;
    Ok(Timestamp::from_millis(millis))
}
