//! The permission areas of Graph: which application role opens which collections, and how a refusal looks.

/// A group of collections that one pair of application roles opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    Configuration,
    Scripts,
    ServiceConfig,
    Apps,
    Rbac,
    ConditionalAccess,
    Groups,
    Organization,
}

impl Area {
    /// Any one of these roles allows reading.
    pub(crate) fn read_roles(self) -> &'static [&'static str] {
        match self {
            Self::Configuration => &[
                "DeviceManagementConfiguration.Read.All",
                "DeviceManagementConfiguration.ReadWrite.All",
            ],
            Self::Scripts => &[
                "DeviceManagementScripts.Read.All",
                "DeviceManagementScripts.ReadWrite.All",
            ],
            Self::ServiceConfig => &[
                "DeviceManagementServiceConfig.Read.All",
                "DeviceManagementServiceConfig.ReadWrite.All",
            ],
            Self::Apps => &[
                "DeviceManagementApps.Read.All",
                "DeviceManagementApps.ReadWrite.All",
            ],
            Self::Rbac => &[
                "DeviceManagementRBAC.Read.All",
                "DeviceManagementRBAC.ReadWrite.All",
            ],
            Self::ConditionalAccess => &["Policy.Read.All"],
            Self::Groups => &[
                "GroupMember.Read.All",
                "GroupMember.ReadWrite.All",
                "Group.Read.All",
                "Group.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
            Self::Organization => &[
                "Organization.Read.All",
                "Organization.ReadWrite.All",
                "Directory.Read.All",
                "Directory.ReadWrite.All",
            ],
        }
    }

    /// Any one of these roles allows writing; conditional access needs its read role beside it.
    pub(crate) fn write_roles(self) -> &'static [&'static str] {
        match self {
            Self::Configuration => &["DeviceManagementConfiguration.ReadWrite.All"],
            Self::Scripts => &["DeviceManagementScripts.ReadWrite.All"],
            Self::ServiceConfig => &["DeviceManagementServiceConfig.ReadWrite.All"],
            Self::Apps => &["DeviceManagementApps.ReadWrite.All"],
            Self::Rbac => &["DeviceManagementRBAC.ReadWrite.All"],
            Self::ConditionalAccess => &["Policy.ReadWrite.ConditionalAccess"],
            Self::Groups => &["Group.ReadWrite.All", "Directory.ReadWrite.All"],
            Self::Organization => &["Organization.ReadWrite.All"],
        }
    }

    /// Whether Intune serves the area: its errors carry JSON inside the message.
    pub(crate) fn is_intune(self) -> bool {
        !matches!(
            self,
            Self::ConditionalAccess | Self::Groups | Self::Organization
        )
    }

    /// Whether `roles` open the area for reading or, with `write`, for changing.
    pub(crate) fn allows(self, roles: &[String], write: bool) -> bool {
        let any = |wanted: &[&str]| roles.iter().any(|role| wanted.contains(&role.as_str()));
        if !write {
            return any(self.read_roles());
        }
        let reads = self != Self::ConditionalAccess || any(self.read_roles());
        reads && any(self.write_roles())
    }
}

/// The application roles of a tenant that granted everything.
pub(crate) const ALL_ROLES: &[&str] = &[
    "DeviceManagementConfiguration.ReadWrite.All",
    "DeviceManagementScripts.ReadWrite.All",
    "DeviceManagementServiceConfig.ReadWrite.All",
    "DeviceManagementApps.ReadWrite.All",
    "DeviceManagementRBAC.ReadWrite.All",
    "Policy.Read.All",
    "Policy.ReadWrite.ConditionalAccess",
    "GroupMember.Read.All",
    "Group.ReadWrite.All",
    "Organization.Read.All",
];
