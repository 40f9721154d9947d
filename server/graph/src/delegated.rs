//! Access on a signed-in person's behalf: the way to Microsoft's sign-in and back, with PKCE (RFC 7636).
//!
//! What is granted lives in the values here and nowhere else; nothing of it is shown by `Debug`.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    client::TenantGraph,
    error::{GraphError, GraphErrorKind},
    send::Call,
    token::claims_in,
};

/// Less than this left of a token counts as nothing.
const MARGIN: Duration = Duration::from_secs(60);

/// A sign-in that was begun: where the person goes, and what has to be kept until they come back.
#[derive(Debug)]
pub struct SignIn {
    /// Microsoft's page; holds nothing secret.
    pub url: String,
    /// Comes back with the person and tells which sign-in it is.
    pub state: String,
    /// Proves that whoever redeems the code began the sign-in.
    pub verifier: SecretString,
}

/// What a person granted. Good for one tenant.
#[derive(Debug, Clone)]
pub struct DelegatedToken {
    pub(crate) access: SecretString,
    refresh: Option<SecretString>,
    good_until: Instant,
    /// The name of the account that signed in, if Microsoft told it.
    pub account: Option<String>,
}

impl DelegatedToken {
    /// Whether it can be used for a while yet without being renewed.
    pub fn is_fresh(&self) -> bool {
        Instant::now() < self.good_until
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: SecretString,
    expires_in: u64,
    refresh_token: Option<SecretString>,
    id_token: Option<SecretString>,
}

impl TenantGraph {
    /// Begins a sign-in that ends at `redirect_uri`, which has to be registered with the application.
    ///
    /// Asks for whatever delegated permissions the application has consent for, so that each tenant decides which.
    pub fn begin_sign_in(&self, redirect_uri: &str) -> Result<SignIn, GraphError> {
        let (state, verifier) = (random(), random());
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let parameters = [
            ("client_id", self.connection.client_id.as_str()),
            ("response_type", "code"),
            ("response_mode", "query"),
            ("redirect_uri", redirect_uri),
            ("scope", &self.delegated_scope()),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            // Not silently as whoever is signed in to Microsoft in this browser.
            ("prompt", "select_account"),
        ];
        let url =
            Url::parse_with_params(&self.login_url("authorize")?, parameters).map_err(|error| {
                GraphError::new(GraphErrorKind::InvalidConfiguration, error.to_string())
            })?;
        Ok(SignIn {
            url: url.into(),
            state,
            verifier: verifier.into(),
        })
    }

    /// Turns the code that the person came back with into access.
    pub async fn redeem_code(
        &self,
        code: &SecretString,
        verifier: &SecretString,
        redirect_uri: &str,
    ) -> Result<DelegatedToken, GraphError> {
        let form = [
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.expose_secret().to_owned()),
            ("code_verifier", verifier.expose_secret().to_owned()),
            ("redirect_uri", redirect_uri.to_owned()),
        ];
        self.granted(form.into(), None).await
    }

    /// Renews access that was granted earlier; none if it can't be renewed.
    ///
    /// # Errors
    /// `TokenRefused` if Microsoft does not renew it any more.
    pub async fn renew(
        &self,
        token: &DelegatedToken,
    ) -> Result<Option<DelegatedToken>, GraphError> {
        let Some(refresh) = &token.refresh else {
            return Ok(None);
        };
        let form = [
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", refresh.expose_secret().to_owned()),
            ("scope", self.delegated_scope()),
        ];
        self.granted(form.into(), Some(token)).await.map(Some)
    }

    async fn granted(
        &self,
        mut form: Vec<(&'static str, String)>,
        before: Option<&DelegatedToken>,
    ) -> Result<DelegatedToken, GraphError> {
        let secret = self.connection.client_secret.expose_secret();
        form.push(("client_id", self.connection.client_id.clone()));
        form.push(("client_secret", secret.to_owned()));
        let asked_at = Instant::now();
        let call = Call::new(Method::POST, self.login_url("token")?).login(form);
        let granted: Granted = serde_json::from_value(self.send(call).await?)
            .map_err(|_| GraphError::protocol("the login service's answer holds no token"))?;
        let life = Duration::from_secs(granted.expires_in);
        let account = granted.id_token.as_ref().and_then(account_in);
        Ok(DelegatedToken {
            access: granted.access_token,
            refresh: granted.refresh_token.or_else(|| before?.refresh.clone()),
            good_until: asked_at + life.saturating_sub(MARGIN.min(life / 10)),
            account: account.or_else(|| before?.account.clone()),
        })
    }

    fn delegated_scope(&self) -> String {
        let graph = &self.connection.endpoints.graph;
        format!("{graph}/.default openid profile offline_access")
    }
}

/// 256 random bits, as text that needs no encoding anywhere.
fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// The account's name for display. The token came straight from the login service over TLS, so its signature says
/// nothing more (OpenID Connect Core, 3.1.3.7).
fn account_in(id_token: &SecretString) -> Option<String> {
    let claims = claims_in(id_token)?;
    claims["name"].as_str().map(str::to_owned)
}
