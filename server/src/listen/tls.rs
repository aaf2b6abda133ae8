//! TLS with a certificate from files.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{Error as RustlsError, ServerConfig};

/// Where certificate and key are.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The certificate and those that lead to its root, as PEM.
    pub cert: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file cannot be read, or is not what it should be.
    #[error("{0} cannot be used: {1}")]
    File(PathBuf, PemError),
    /// There is none in the file.
    #[error("{0} holds no certificate")]
    Empty(PathBuf),
    /// Certificate and key do not go together.
    #[error("the certificate cannot be used: {0}")]
    Refused(#[from] RustlsError),
}

impl TlsFiles {
    /// Reads both.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub(crate) fn load(&self) -> Result<TlsAcceptor, TlsError> {
        let wrong = |path: &Path| {
            let path = path.to_owned();
            move |error| TlsError::File(path, error)
        };
        let chain = CertificateDer::pem_file_iter(&self.cert)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(wrong(&self.cert))?;
        if chain.is_empty() {
            return Err(TlsError::Empty(self.cert.clone()));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(wrong(&self.key))?;
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
