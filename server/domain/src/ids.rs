//! One newtype per record, so that a tenant's id can never be passed for a run's.

use std::{fmt, num::ParseIntError, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "server", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A Microsoft 365 tenant under management.
    TenantId
);
id!(
    /// A person who signs in.
    UserId
);
id!(
    /// One execution of an operation.
    RunId
);
id!(
    /// A message to one person about one run.
    NotificationId
);
id!(
    /// A policy as the inventory knows it; not Microsoft's id.
    PolicyId
);
id!(
    /// A directory group as the cache knows it; not Microsoft's id.
    GroupId
);
id!(
    /// A named collection of captured policies.
    BackupSetId
);
id!(
    /// A policy as it was at one time; stored once however often it is captured.
    VersionId
);
id!(
    /// A restore's own record; its shadow is a run.
    RestoreId
);
id!(
    /// When a tenant is backed up by itself.
    ScheduleId
);
id!(
    /// Filters of the runs list under a name.
    SavedViewId
);
id!(
    /// An entry of the audit log.
    AuditEventId
);
id!(
    /// A link that makes whoever holds it a member of a tenant.
    InvitationId
);
id!(
    /// Somebody's word that a failure is known.
    AcknowledgementId
);
