//! What a person's sign-in leads to: single-use codes, refresh tokens, and tokens that carry `scp` instead of `roles`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::guard::lock;
use crate::tenant::Tenant;
use crate::token::{Refused, sign};

/// The delegated permissions of an application that was granted everything a person needs here.
pub(crate) const ALL_SCOPES: &[&str] = &[
    "User.Read",
    "Group.Read.All",
    "GroupMember.Read.All",
    "DeviceManagementRBAC.ReadWrite.All",
];
/// Scopes about the sign-in itself; they open nothing in Graph.
pub(crate) const SIGN_IN_SCOPES: &[&str] = &["openid", "profile", "email", "offline_access"];
const CODE_LIFETIME: Duration = Duration::from_secs(600);

/// A secret that the login endpoint gave out or was shown, so that a test can look for it where it must not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssuedSecret {
    /// `code`, `code_verifier`, `access_token`, `refresh_token` or `id_token`.
    pub kind: &'static str,
    pub value: String,
}

/// What a code or a refresh token stands for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    /// Permissions in Graph, without a resource in front.
    pub(crate) scopes: Vec<String>,
    pub(crate) sign_in_scopes: Vec<String>,
}

#[derive(Debug)]
struct Code {
    grant: Grant,
    redirect_uri: String,
    challenge: String,
    made: Instant,
    redeemed: bool,
}

/// The codes and refresh tokens of one tenant.
#[derive(Debug, Default)]
pub(crate) struct Delegations {
    codes: HashMap<String, Code>,
    /// By their text: the grant, and the number that revoking compares.
    refresh_tokens: HashMap<String, (Grant, u64)>,
    issued: Vec<IssuedSecret>,
}

impl Delegations {
    fn note(&mut self, kind: &'static str, value: &str) {
        let value = value.to_owned();
        self.issued.push(IssuedSecret { kind, value });
    }

    pub(crate) fn issued(&self) -> Vec<IssuedSecret> {
        self.issued.clone()
    }

    /// A code for somebody who pressed "Sign in".
    pub(crate) fn make_code(
        &mut self,
        grant: Grant,
        redirect_uri: &str,
        challenge: &str,
    ) -> String {
        let code = format!("0.A{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        self.note("code", &code);
        let made = Code {
            grant,
            redirect_uri: redirect_uri.to_owned(),
            challenge: challenge.to_owned(),
            made: Instant::now(),
            redeemed: false,
        };
        self.codes.insert(code.clone(), made);
        code
    }

    fn redeem(&mut self, code: &str, redirect_uri: &str, verifier: &str) -> Result<Grant, Refused> {
        self.note("code_verifier", verifier);
        let known = self.codes.get_mut(code).ok_or_else(malformed_grant)?;
        if std::mem::replace(&mut known.redeemed, true) {
            return Err(Refused::grant(
                54_005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
            ));
        }
        if known.made.elapsed() > CODE_LIFETIME {
            return Err(Refused::grant(
                70_008,
                "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
            ));
        }
        if known.redirect_uri != redirect_uri {
            return Err(Refused::grant(
                500_112,
                "The reply address does not match the reply address provided when requesting Authorization code.",
            ));
        }
        if challenge_of(verifier) != known.challenge {
            return Err(Refused::grant(
                501_481,
                "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            ));
        }
        Ok(known.grant.clone())
    }
}

fn malformed_grant() -> Refused {
    Refused::grant(70_000, "Provided grant is invalid or malformed.")
}

/// The S256 challenge of a verifier (RFC 7636, 4.2).
fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// Answers `grant_type=authorization_code`.
pub(crate) fn redeem_code(
    tenant: &Tenant,
    code: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Result<Value, Refused> {
    let grant = lock(&tenant.delegations).redeem(code, redirect_uri, verifier)?;
    Ok(tokens(tenant, grant))
}

/// Answers `grant_type=refresh_token`. Older refresh tokens stay good, as Microsoft's do.
pub(crate) fn refresh(tenant: &Tenant, refresh_token: &str) -> Result<Value, Refused> {
    let known = lock(&tenant.delegations)
        .refresh_tokens
        .get(refresh_token)
        .cloned();
    let (grant, number) = known.ok_or_else(malformed_grant)?;
    if !tenant.accepts_token(number) {
        return Err(Refused::grant(
            50_173,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        ));
    }
    Ok(tokens(tenant, grant))
}

fn tokens(tenant: &Tenant, grant: Grant) -> Value {
    let wants = |scope: &str| grant.sign_in_scopes.iter().any(|one| one == scope);
    let (now, lifetime) = (chrono::Utc::now().timestamp(), tenant.token_seconds());
    let scp = grant.scopes.join(" ");
    let name = format!("{} Administrator", tenant.display_name);
    let access = sign(&json!({
        "aud": "https://graph.microsoft.com",
        "iss": format!("https://sts.windows.net/{}/", tenant.directory_id),
        "iat": now, "nbf": now, "exp": now + lifetime,
        "appid": tenant.client_id,
        "idtyp": "user",
        "name": name,
        "scp": scp,
        "tid": tenant.directory_id,
        "uti": tenant.issue().to_string(),
        "ver": "1.0",
    }));
    let mut body = json!({
        "token_type": "Bearer",
        "scope": scp,
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": access,
    });
    let (with_id, with_refresh) = (wants("openid"), wants("offline_access"));
    let mut delegations = lock(&tenant.delegations);
    delegations.note("access_token", &access);
    if with_id {
        let id = sign(&json!({
            "aud": tenant.client_id, "iat": now, "exp": now + lifetime,
            "name": name,
            "preferred_username": format!("admin@{}.example", tenant.display_name.to_lowercase()),
            "tid": tenant.directory_id,
        }));
        delegations.note("id_token", &id);
        body["id_token"] = json!(id);
    }
    if with_refresh {
        let refresh = format!("1.A{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        delegations.note("refresh_token", &refresh);
        let number = tenant.issue();
        delegations
            .refresh_tokens
            .insert(refresh.clone(), (grant, number));
        body["refresh_token"] = json!(refresh);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standards_example() {
        assert_eq!(
            challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
