//! A certificate authority of the test's own, and the server and client certificates it signs, good and bad.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

/// What the broker shows of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerCertificate {
    /// For `localhost` and `127.0.0.1`, in force.
    Good,
    /// Right names, but its time is over.
    Expired,
    /// In force, but for another host.
    WrongHost,
}

/// An authority and where its files are.
pub struct Authority {
    directory: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its private key, as PEM files.
pub struct Identity {
    /// The certificate.
    pub certificate: PathBuf,
    /// PKCS #8.
    pub key: PathBuf,
}

impl Authority {
    /// Makes a new one, unknown to everybody, and writes its certificate into the directory.
    pub fn create(directory: &Path) -> Authority {
        let key = KeyPair::generate().expect("ring makes P-256 keys");
        let mut params = params(&[], "Dateline test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).expect("the parameters are complete");
        fs::create_dir_all(directory).expect("the test's directory can be written");
        let authority = Authority { directory: directory.to_owned(), issuer: Issuer::new(params, key) };
        fs::write(authority.certificate(), certificate.pem()).expect("the test's directory can be written");
        authority
    }

    /// The PEM file that makes a client trust it.
    pub fn certificate(&self) -> PathBuf {
        self.directory.join("authority.pem")
    }

    /// Signs the certificate of a broker.
    pub fn server(&self, kind: ServerCertificate) -> Identity {
        let names: &[&str] = match kind {
            ServerCertificate::Good | ServerCertificate::Expired => &["localhost", "127.0.0.1"],
            ServerCertificate::WrongHost => &["elsewhere.example"],
        };
        let mut params = params(names, "broker");
        if kind == ServerCertificate::Expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2001, 2, 1);
        }
        params.insert_extended_key_usage(ExtendedKeyUsagePurpose::ServerAuth);
        self.sign("server", &params)
    }

    /// Signs the certificate by which a worker proves who it is.
    pub fn client(&self) -> Identity {
        let mut params = params(&["dateline-worker"], "dateline-worker");
        params.insert_extended_key_usage(ExtendedKeyUsagePurpose::ClientAuth);
        self.sign("client", &params)
    }

    fn sign(&self, file: &str, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("ring makes P-256 keys");
        let certificate = params.signed_by(&key, &self.issuer).expect("the parameters are complete");
        let paths = Identity {
            certificate: self.directory.join(file).with_extension("pem"),
            key: self.directory.join(file).with_extension("key"),
        };
        fs::write(&paths.certificate, certificate.pem()).expect("the test's directory can be written");
        fs::write(&paths.key, key.serialize_pem()).expect("the test's directory can be written");
        paths
    }
}

fn params(names: &[&str], common_name: &str) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("the names are ASCII");
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}
