//! Signing in to Microsoft as oneself, coming back, and signing out again.

use std::time::Instant;

use chrono::Utc;
use domain::{FailureCode, FailureGroup, sanitize, views::rbac::SetupAnswer};
use secrecy::SecretString;

use super::{Visit, ask::failure, keeper::Access, path, pending::PendingSignIn};
use crate::{ServiceError, access::SessionKey};

/// What Microsoft's page led back with.
#[derive(Debug, Default)]
pub struct Returned {
    pub state: String,
    pub code: Option<SecretString>,
    pub error: Option<String>,
    pub error_description: Option<String>,
}

impl<'a> Visit<'a> {
    fn may_search(&self) -> Result<&'a SessionKey, ServiceError> {
        let role = self.caller.role_on(self.tenant)?;
        if !role.may_search_directory() {
            return Err(ServiceError::Forbidden(
                "Your role on this tenant is read only; an operator or owner can sign in to Microsoft here.".into(),
            ));
        }
        self.session.ok_or_else(|| {
            ServiceError::Forbidden("Delegated access needs a session of a browser.".into())
        })
    }
}

/// Begins a sign-in and returns the address of Microsoft's page. `redirect_uri` is where it leads back to, `back` the
/// path to go on to then, if it is one of this page.
///
/// # Errors
/// `Invalid` if the tenant's connection can't be used; the text says why.
pub async fn begin_sign_in(
    visit: Visit<'_>,
    redirect_uri: String,
    back: &str,
) -> Result<String, ServiceError> {
    let session = visit.may_search()?;
    let connection = visit.connection().await.map_err(refused)?;
    let begun = visit
        .access
        .graph()
        .tenant(connection)
        .begin_sign_in(&redirect_uri)
        .map_err(|error| refused(failure(error)))?;
    let page = path(visit.tenant);
    let is_ours = back
        .strip_prefix(&page)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('?'));
    let sign_in = PendingSignIn {
        session: session.clone(),
        tenant: visit.tenant,
        verifier: begun.verifier,
        redirect_uri,
        back: if is_ours { back.to_owned() } else { page },
    };
    visit
        .access
        .pending()
        .add(begun.state, sign_in, Instant::now());
    Ok(begun.url)
}

fn refused(failure: FailureGroup) -> ServiceError {
    ServiceError::Invalid(format!("{}: {}", failure.code.happened(), failure.message))
}

/// Ends a sign-in; returns the path to go on to, which shows what came of it.
///
/// # Errors
/// `Invalid` if this session did not begin such a sign-in, or too long ago.
pub async fn finish_sign_in(visit: Visit<'_>, returned: Returned) -> Result<String, ServiceError> {
    let session = visit.may_search()?;
    let began = visit
        .access
        .pending()
        .take(&returned.state, session, visit.tenant, Instant::now())
        .ok_or_else(|| {
            ServiceError::Invalid(
                "This sign-in was not begun here, was used already, or took longer than ten minutes.".into(),
            )
        })?;
    let granted = match &returned.code {
        Some(code) => redeem(visit, code, &began).await,
        None => Err(told(&returned)),
    };
    let entry = visit.access.entry_or_new(session, visit.tenant);
    let mut held = entry.lock().await;
    match granted {
        Ok(access) => {
            held.access = access;
            tracing::info!(user = %visit.caller.user_id, tenant = %visit.tenant, "signed in to Microsoft");
            Ok(began.back)
        }
        Err(answer) => {
            let id = new_id();
            held.keep_answer(id.clone(), answer);
            let mark = if began.back.contains('?') { '&' } else { '?' };
            Ok(format!("{}{mark}answer={id}", began.back))
        }
    }
}

async fn redeem(
    visit: Visit<'_>,
    code: &SecretString,
    began: &PendingSignIn,
) -> Result<Access, SetupAnswer> {
    let failed = SetupAnswer::SignInFailed;
    let connection = visit.connection().await.map_err(failed)?;
    let tenant = visit.access.graph().tenant(connection);
    let token = tenant
        .redeem_code(code, &began.verifier, &began.redirect_uri)
        .await
        .map_err(|error| failed(failure(error)))?;
    Ok(Access::Good {
        token,
        since: Utc::now(),
    })
}

/// What an answer without a code says.
fn told(returned: &Returned) -> SetupAnswer {
    let description = returned.error_description.as_deref().unwrap_or_default();
    let error = returned.error.as_deref().unwrap_or_default();
    let says = |code: &str| description.contains(code);
    let failed = |code| {
        let line = description.lines().next().unwrap_or_default();
        let message = if line.is_empty() { error } else { line };
        SetupAnswer::SignInFailed(sanitize::failure(FailureGroup::new(code, message)))
    };
    // AADSTS90094: only an administrator may consent.
    if error == "consent_required" || says("AADSTS65001") || says("AADSTS90094") {
        failed(FailureCode::ConsentMissing)
    } else if error == "access_denied" {
        SetupAnswer::SignInCancelled
    } else {
        failed(FailureCode::TokenRefused)
    }
}

/// Drops the session's access to the tenant.
pub fn sign_out(visit: Visit<'_>) -> Result<(), ServiceError> {
    visit.caller.role_on(visit.tenant)?;
    if let Some(session) = visit.session {
        visit.access.forget(session, visit.tenant);
    }
    Ok(())
}

/// An id that nobody guesses and that says nothing.
pub(super) fn new_id() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}
