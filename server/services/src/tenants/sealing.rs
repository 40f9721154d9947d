//! Client secrets at rest: sealed with a key that the database never sees, and bound to their tenant.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use secrecy::{ExposeSecret, SecretBox, SecretString};

const NONCE_BYTES: usize = 24;

/// The installation's key, 256 bits.
pub struct SecretKey(SecretBox<[u8; 32]>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret key must be 64 hex digits")]
pub struct BadSecretKey;

/// The text was sealed with another key, for another tenant, or is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored secret can't be decrypted with this key")]
pub struct Unreadable;

impl SecretKey {
    /// A key from its text form: 64 hex digits.
    pub fn from_hex(text: &str) -> Result<Self, BadSecretKey> {
        let mut key = [0_u8; 32];
        hex::decode_to_slice(text.trim(), &mut key).map_err(|_| BadSecretKey)?;
        Ok(Self(SecretBox::new(Box::new(key))))
    }

    /// A new random key, as text.
    pub fn generate_hex() -> String {
        hex::encode(rand::random::<[u8; 32]>())
    }

    /// Seals a tenant's secret: a random nonce, then the ciphertext.
    pub(super) fn seal(
        &self,
        directory_id: &str,
        secret: &SecretString,
    ) -> Result<Vec<u8>, Unreadable> {
        let nonce = rand::random::<[u8; NONCE_BYTES]>();
        let payload = Payload {
            msg: secret.expose_secret().as_bytes(),
            aad: directory_id.as_bytes(),
        };
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Unreadable)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub(super) fn open(
        &self,
        directory_id: &str,
        sealed: &[u8],
    ) -> Result<SecretString, Unreadable> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(Unreadable)?;
        let payload = Payload {
            msg: sealed,
            aad: directory_id.as_bytes(),
        };
        let opened = self
            .cipher()
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| Unreadable)?;
        String::from_utf8(opened)
            .map(SecretString::from)
            .map_err(|_| Unreadable)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(*self.0.expose_secret()).into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_only_with_its_key_and_for_its_tenant() {
        let key = SecretKey::from_hex(&SecretKey::generate_hex()).unwrap();
        let other = SecretKey::from_hex(&SecretKey::generate_hex()).unwrap();
        let secret = SecretString::from("hunter2");
        let sealed = key.seal("tenant-a", &secret).unwrap();
        assert_eq!(
            key.open("tenant-a", &sealed).unwrap().expose_secret(),
            "hunter2"
        );
        assert_eq!(key.open("tenant-b", &sealed).unwrap_err(), Unreadable);
        assert_eq!(other.open("tenant-a", &sealed).unwrap_err(), Unreadable);
        assert_eq!(key.open("tenant-a", &sealed[..30]).unwrap_err(), Unreadable);
        assert_eq!(key.open("tenant-a", &[]).unwrap_err(), Unreadable);
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
    }

    #[test]
    fn the_same_secret_is_sealed_differently_every_time() {
        let key = SecretKey::from_hex(&SecretKey::generate_hex()).unwrap();
        let secret = SecretString::from("hunter2");
        assert_ne!(
            key.seal("t", &secret).unwrap(),
            key.seal("t", &secret).unwrap()
        );
    }
}
