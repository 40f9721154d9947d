//! What the audit log can tell of: every action by a stable code with its words, its result, and by what means it was asked for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $unknown:ident: $($variant:ident = $code:literal, $label:literal;)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $(#[serde(rename = $code)] $variant,)*
        }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As it is stored and stands in addresses; never changes.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[error("not one that the audit log knows")]
        pub struct $unknown;

        impl FromStr for $name {
            type Err = $unknown;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text).ok_or($unknown)
            }
        }
    };
}

words! {
    /// Something that a person did or tried.
    AuditAction, UnknownAction:
    SignIn = "sign_in", "Signed in";
    SignInRefused = "sign_in.refused", "Sign-in refused";
    SignOut = "sign_out", "Signed out";
    PasswordChange = "password.change", "Password changed";
    TokenCreate = "token.create", "Token created";
    PersonCreate = "person.create", "Person created";
    SessionsEnd = "session.end_others", "Signed out elsewhere";
    TenantSave = "tenant.save", "Tenant saved";
    TenantSecret = "tenant.secret", "Tenant's client secret replaced";
    TenantTimeZone = "tenant.time_zone", "Tenant's time zone set";
    MemberAdd = "member.add", "Member added";
    MemberRoleChange = "member.role_change", "Role changed";
    MemberRemove = "member.remove", "Member removed";
    InvitationCreate = "invitation.create", "Invited";
    InvitationRevoke = "invitation.revoke", "Invitation revoked";
    InvitationAccept = "invitation.accept", "Invitation accepted";
    RunStart = "run.start", "Run started";
    RunHandOver = "run.hand_over", "Link to a run made";
    RunHandOverEnd = "run.hand_over_end", "Link to a run withdrawn";
    RestoreBegin = "restore.begin", "Restore begun";
    RestoreMap = "restore.map", "Restore's mapping decided";
    RestoreExecute = "restore.execute", "Restore executed";
    RestoreDryRun = "restore.dry_run", "Restore tried in a dry run";
    RestoreAbort = "restore.abort", "Restore called off";
    ScheduleCreate = "schedule.create", "Schedule created";
    SchedulePause = "schedule.pause", "Schedule paused";
    ScheduleResume = "schedule.resume", "Schedule resumed";
    ScheduleDelete = "schedule.delete", "Schedule deleted";
    ExpectationSet = "expectation.set", "Expectation set";
    TroubleAcknowledge = "trouble.acknowledge", "Failure acknowledged";
    TroubleTakeBack = "trouble.take_back", "Acknowledgement taken back";
    BackupImport = "backup.import", "Files imported";
    ExportDownload = "export.download", "Downloaded";
    RbacAssign = "rbac.assign", "Intune role assigned";
}

words! {
    /// What came of it.
    AuditResult, UnknownResult:
    Done = "done", "Done";
    Refused = "refused", "Refused";
}

words! {
    /// By what means somebody asked.
    Means, UnknownMeans:
    Session = "session", "Browser";
    Token = "token", "Token";
    Command = "command", "Command line";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_its_own_and_is_understood_again() {
        let codes: HashSet<_> = AuditAction::ALL.iter().map(|one| one.as_str()).collect();
        assert_eq!(codes.len(), AuditAction::ALL.len());
        for action in AuditAction::ALL {
            assert_eq!(action.as_str().parse(), Ok(*action));
            let dotted = |letter: char| letter.is_ascii_lowercase() || "._".contains(letter);
            assert!(action.as_str().chars().all(dotted), "{action}");
        }
        assert_eq!("run.stop".parse::<AuditAction>(), Err(UnknownAction));
    }
}
