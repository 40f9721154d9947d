//! What the application may do in a tenant, as its own token tells.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::Value;

use crate::{
    client::TenantGraph,
    error::GraphError,
    kind::{ApiVersion, PolicyKind},
    token::claims_in,
};

impl TenantGraph {
    /// By kind the application permission that writing its policies needs and the app has not. Kinds of which it has
    /// all are left out, and all are if the token doesn't tell: its form is promised to nobody, so it may say too little
    /// to know.
    ///
    /// Nothing of the token is kept. A token is good for an hour and knows only what had consent when it was issued, so
    /// a permission is called missing by a fresh one only.
    pub async fn missing_write_permissions(
        &self,
        kinds: &[&'static PolicyKind],
    ) -> Result<BTreeMap<&'static str, &'static str>, GraphError> {
        let token = self.token().await?;
        let missing = missing_of(&token, kinds);
        if missing.is_empty() {
            return Ok(missing);
        }
        let tokens = &self.shared.tokens;
        let tenant = self.connection.tenant_key;
        tokens.forget_refused(tenant, &token).await;
        Ok(missing_of(&self.token().await?, kinds))
    }
}

fn missing_of(
    token: &SecretString,
    kinds: &[&'static PolicyKind],
) -> BTreeMap<&'static str, &'static str> {
    let missing = kinds
        .iter()
        .filter_map(|kind| Some((kind.key, missing_in(token, kind)?)));
    missing.collect()
}

fn missing_in(token: &SecretString, kind: &PolicyKind) -> Option<&'static str> {
    let claims = claims_in(token)?;
    let roles = match &claims["roles"] {
        Value::Array(roles) => roles.as_slice(),
        // An application that was granted nothing has no roles at all.
        _ if claims["idtyp"] == "app" => &[],
        _ => return None,
    };
    kind.permissions_to_write()
        .into_iter()
        .find(|needed| !roles.iter().any(|role| role == needed))
}

impl PolicyKind {
    /// Intune's permissions to write include reading; that of conditional access does not.
    fn permissions_to_write(&self) -> Vec<&'static str> {
        match self.version {
            ApiVersion::Beta => vec![self.write_permission],
            ApiVersion::V1 => vec![self.read_permission, self.write_permission],
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;

    fn missing(claims: &str, kind: &str) -> Option<&'static str> {
        let token = format!("head.{}.sign", URL_SAFE_NO_PAD.encode(claims));
        missing_in(&token.into(), PolicyKind::by_key(kind).unwrap())
    }

    #[test]
    fn a_token_that_does_not_tell_is_no_proof_of_anything() {
        for token in ["", "opaque", "a.b.c", "a..c"] {
            let kind = PolicyKind::by_key("compliance").unwrap();
            assert_eq!(missing_in(&token.to_owned().into(), kind), None, "{token}");
        }
        let person = json!({"scp": "Group.Read.All"}).to_string();
        assert_eq!(missing(&person, "compliance"), None);
        let nothing = json!({"idtyp": "app"}).to_string();
        let needed = "DeviceManagementConfiguration.ReadWrite.All";
        assert_eq!(missing(&nothing, "compliance"), Some(needed));
    }

    #[test]
    fn conditional_access_is_written_by_whom_may_read_it() {
        let only = |role: &str| json!({"idtyp": "app", "roles": [role]}).to_string();
        let write = "Policy.ReadWrite.ConditionalAccess";
        assert_eq!(
            missing(&only(write), "conditional_access"),
            Some("Policy.Read.All")
        );
        assert_eq!(
            missing(&only("Policy.Read.All"), "conditional_access"),
            Some(write)
        );
        let scripts = "DeviceManagementScripts.ReadWrite.All";
        assert_eq!(missing(&only(scripts), "platform_scripts"), None);
    }
}
