//! The registry of failure codes: what each means, who has to act, and what to do. Codes are stored and never change.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Who can make a failure go away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Whoever looks after the app registration: permissions, consent, secrets.
    AppOwner,
    /// An administrator of the Microsoft 365 tenant.
    TenantAdmin,
    Microsoft,
    /// Whoever operates this installation of TenantAtlas.
    Us,
    /// It ended as somebody wished.
    Nobody,
}

impl Actor {
    /// The beginning of "… must act".
    pub fn label(self) -> &'static str {
        match self {
            Self::AppOwner => "Your app registration's owner must act",
            Self::TenantAdmin => "The tenant's administrator must act",
            Self::Microsoft => "Microsoft must act; nothing is wrong on your side",
            Self::Us => "The operator of TenantAtlas must act",
            Self::Nobody => "Nobody must act",
        }
    }
}

macro_rules! registry {
    ($($variant:ident = $code:literal, $actor:ident, $happened:literal, $remedy:literal;)*) => {
        /// Why something failed, as a stable lower-case dotted word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FailureCode { $($variant,)* }

        impl FailureCode {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            pub fn actor(self) -> Actor {
                match self { $(Self::$variant => Actor::$actor,)* }
            }

            /// What happened, as a headline.
            pub fn happened(self) -> &'static str {
                match self { $(Self::$variant => $happened,)* }
            }

            /// Whether another client secret would help.
            pub fn asks_for_secret(self) -> bool {
                matches!(self, Self::CredentialsRejected | Self::SecretUnreadable)
            }

            /// What to do about it, as a sentence.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

registry! {
    QueueDispatchFailed = "queue.dispatch_failed", Us,
        "Could not be queued",
        "Start it again; if it happens again, check the database and the queue's tables.";
    QueueNotStarted = "queue.not_started", Us,
        "No worker began it within a day",
        "See that a worker runs. Then start it again if it is still wanted: nothing of it was done.";
    WorkerLost = "worker.lost", Us,
        "The worker stopped answering",
        "Start it again. If it happens often, look at the worker's memory and its log.";
    WorkerPanicked = "worker.panicked", Us,
        "The worker met a defect",
        "Start it again; if it ends the same way, report it with this run's number.";
    WorkerTimedOut = "worker.timed_out", Us,
        "Took longer than a run may take",
        "Start it again with fewer items, or raise the time limit for runs.";
    WorkerGaveUp = "worker.gave_up", Us,
        "Tried as often as is allowed",
        "The failures beside this one say why each try ended. Mend that, then start it again.";
    InternalError = "internal.error", Us,
        "TenantAtlas failed",
        "Start it again; if it ends the same way, report it with this run's number.";
    DatabaseUnavailable = "database.unavailable", Us,
        "The database could not be reached",
        "Check the database server, then start it again.";
    InputsInvalid = "inputs.invalid", Us,
        "The run's inputs can't be understood",
        "Start it again from the tenant's page.";
    TenantMisconfigured = "tenant.misconfigured", AppOwner,
        "The tenant's connection is not set up",
        "Enter the tenant's id, the app's id and its secret again.";
    SecretUnreadable = "tenant.secret_unreadable", Us,
        "The stored client secret can't be decrypted",
        "Start TenantAtlas with the key that it was stored with, or enter the secret again.";
    CredentialsRejected = "graph.credentials_rejected", AppOwner,
        "Microsoft refused the app's secret",
        "Create a new client secret for the app registration and enter it for this tenant.";
    AppNotFound = "graph.app_not_found", AppOwner,
        "The app is not known in this tenant",
        "Check the app's id, and give admin consent for it in this tenant.";
    ConsentMissing = "graph.consent_missing", TenantAdmin,
        "Consent is missing",
        "Give admin consent to the app in this tenant.";
    TenantNotFound = "graph.tenant_not_found", AppOwner,
        "Microsoft knows no such tenant",
        "Check the tenant's id and its cloud.";
    TokenRefused = "graph.token_refused", TenantAdmin,
        "Microsoft refused the access token",
        "Check that the app is enabled in this tenant and that no policy blocks its sign-in.";
    Forbidden = "graph.forbidden", AppOwner,
        "Permission missing",
        "Grant the app the named permission; an administrator of the tenant then gives consent again.";
    NotLicensed = "graph.not_licensed", TenantAdmin,
        "The tenant has no licence for this",
        "Assign a licence that includes it, or leave this kind out.";
    NotFound = "graph.not_found", TenantAdmin,
        "No longer there",
        "It was removed in Microsoft 365 meanwhile. Sync again.";
    Throttled = "graph.throttled", Microsoft,
        "Microsoft throttled the requests",
        "Try again later; other tools that read this tenant share the same limit.";
    Unavailable = "graph.unavailable", Microsoft,
        "Microsoft's service was not available",
        "Try again later; see the tenant's service health page.";
    Network = "graph.network", Us,
        "Microsoft could not be reached",
        "Check this installation's network, proxy and name resolution.";
    Timeout = "graph.timeout", Microsoft,
        "Microsoft did not answer in time",
        "Try again later.";
    BadRequest = "graph.bad_request", Us,
        "Microsoft refused the request",
        "Report it with this run's number and the request id.";
    Unreadable = "graph.unreadable", Microsoft,
        "Microsoft's answer could not be read",
        "Try again later; report it if it stays.";
    TooLarge = "graph.too_large", Us,
        "Microsoft's answer was larger than is allowed",
        "Report it with this run's number.";
    PolicyBuiltIn = "policy.built_in", TenantAdmin,
        "Part of every tenant",
        "It can't be deleted; leave it out of the selection.";
    RestoreConflict = "restore.conflict", TenantAdmin,
        "The tenant is not as the preview found it",
        "Generate the preview again and look at what it says of this policy.";
    RestoreReferenceMissing = "restore.reference_missing", TenantAdmin,
        "What the policy refers to is not in the tenant",
        "Restore that too, or give the tenant exactly one of that name; then restore the failed policies again.";
    RestoreAborted = "restore.aborted", Nobody,
        "Called off",
        "Nothing more is written, and nothing is taken back. Begin the restore of what is left on its page.";
    Truncated = "truncated", Us,
        "More failures of other kinds",
        "The first groups are shown; the rest is only counted.";
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a registered failure code")]
pub struct UnknownFailureCode;

impl FromStr for FailureCode {
    type Err = UnknownFailureCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or(UnknownFailureCode)
    }
}

impl Serialize for FailureCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for FailureCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_lower_case_dotted_words_and_unique() {
        let mut seen = HashSet::new();
        for code in FailureCode::ALL {
            let text = code.as_str();
            assert!(seen.insert(text), "{text} is registered twice");
            assert!(
                text.split(['.', '_'])
                    .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase())),
                "{text}"
            );
            assert_eq!(text.parse(), Ok(*code));
        }
    }

    #[test]
    fn every_code_says_what_happened_and_what_to_do() {
        for code in FailureCode::ALL {
            assert!(
                !code.happened().is_empty() && !code.happened().ends_with('.'),
                "{code}"
            );
            assert!(code.remedy().ends_with('.'), "{code}");
        }
    }
}
