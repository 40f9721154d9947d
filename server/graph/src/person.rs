//! What is asked of Graph as the signed-in person: searching groups, and giving Intune roles.

use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::{
    client::{GraphClient, TenantConnection, TenantGraph},
    delegated::DelegatedToken,
    error::{GraphError, GraphErrorKind},
    groups::{Group, group},
    kinds::ApiVersion,
    send::Call,
};

const SELECT: &str = "id,displayName,description,groupTypes,securityEnabled,mailEnabled,membershipRule,onPremisesSyncEnabled";
/// As many groups as a search lists.
const MOST_FOUND: &str = "25";
/// As many ids as fit a filter, whatever the service's mood.
const MOST_IDS: usize = 15;

/// One tenant's Graph, asked with a person's token.
#[derive(Clone)]
pub struct PersonGraph(TenantGraph);

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundGroups {
    /// By name, the first of them.
    pub groups: Vec<Group>,
    /// How many there are in all.
    pub total: u64,
}

/// An Intune role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDefinition {
    pub id: String,
    pub display_name: String,
    pub description: Option<String>,
    pub is_built_in: bool,
}

/// On whom and what the members of an assignment may use their role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleScope {
    AllDevicesAndUsers,
    /// The users and devices in these groups.
    Groups(Vec<String>),
}

/// A role assignment to be made; ids are Graph's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoleAssignment {
    pub display_name: String,
    pub role_definition_id: String,
    /// Groups whose members get the role.
    pub members: Vec<String>,
    pub scope: RoleScope,
}

/// A role assignment that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedRoleAssignment {
    pub id: String,
    pub display_name: String,
}

impl GraphClient {
    /// A handle on one tenant that asks as the person who granted this token.
    pub fn person(&self, connection: TenantConnection, token: &DelegatedToken) -> PersonGraph {
        let mut tenant = self.tenant(connection);
        tenant.person = Some(token.access.clone());
        PersonGraph(tenant)
    }
}

impl PersonGraph {
    /// Groups with words in their name that begin like the words of `text`.
    pub async fn search_groups(&self, text: &str) -> Result<FoundGroups, GraphError> {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        let search = format!("\"displayName:{quoted}\"");
        let parameters = [
            ("$search", search.as_str()),
            ("$count", "true"),
            ("$select", SELECT),
            ("$top", MOST_FOUND),
        ];
        let body = self.groups(&parameters).await?;
        let mut groups = groups_in(&body)?;
        groups.sort_by_cached_key(|group| group.display_name.to_lowercase());
        let total = body["@odata.count"].as_u64().unwrap_or(groups.len() as u64);
        Ok(FoundGroups { groups, total })
    }

    /// The groups with these ids, as far as they exist.
    ///
    /// # Errors
    /// `BadRequest` for an id that is none.
    pub async fn groups_by_id(&self, ids: &[String]) -> Result<Vec<Group>, GraphError> {
        let mut found = Vec::new();
        for some in ids.chunks(MOST_IDS) {
            if let Some(odd) = some.iter().find(|id| !is_id(id)) {
                return Err(no_id(odd));
            }
            let filter = format!("id in ('{}')", some.join("','"));
            let parameters = [("$filter", filter.as_str()), ("$select", SELECT)];
            found.append(&mut groups_in(&self.groups(&parameters).await?)?);
        }
        Ok(found)
    }

    async fn groups(&self, parameters: &[(&str, &str)]) -> Result<Value, GraphError> {
        let base = self.0.url(ApiVersion::V1, "/groups");
        let url = Url::parse_with_params(&base, parameters)
            .map_err(|_| GraphError::protocol("the search makes no address"))?;
        let mut call = Call::new(Method::GET, url.into());
        call.eventual = true;
        self.0.send(call).await
    }

    /// Every Intune role, built-in ones first, then by name.
    pub async fn role_definitions(&self) -> Result<Vec<RoleDefinition>, GraphError> {
        let (version, path) = (ApiVersion::Beta, "/deviceManagement/roleDefinitions");
        let first = self.0.get_json(version, path).await?;
        let found = self.0.all_children(first).await?;
        let mut roles: Vec<_> = found.iter().map(role).collect::<Result<_, _>>()?;
        roles.sort_by_cached_key(|role| (!role.is_built_in, role.display_name.to_lowercase()));
        Ok(roles)
    }

    /// Gives a role to groups.
    ///
    /// # Errors
    /// An error whose `outcome_unknown` is set may have made the assignment all the same.
    pub async fn create_role_assignment(
        &self,
        new: &NewRoleAssignment,
    ) -> Result<CreatedRoleAssignment, GraphError> {
        if !is_id(&new.role_definition_id) {
            return Err(no_id(&new.role_definition_id));
        }
        let path = format!(
            "/deviceManagement/roleDefinitions('{}')",
            new.role_definition_id
        );
        let (scope_type, scopes) = match &new.scope {
            RoleScope::AllDevicesAndUsers => ("allDevicesAndLicensedUsers", [].as_slice()),
            RoleScope::Groups(groups) => ("resourceScope", groups.as_slice()),
        };
        let body = json!({
            "@odata.type": "#microsoft.graph.deviceAndAppManagementRoleAssignment",
            "displayName": new.display_name,
            "description": "",
            "members": new.members,
            "scopeType": scope_type,
            "resourceScopes": scopes,
            "roleDefinition@odata.bind": self.0.url(ApiVersion::Beta, &path),
        });
        let url = self
            .0
            .url(ApiVersion::Beta, "/deviceManagement/roleAssignments");
        let made = self.0.send(Call::new(Method::POST, url).json(body)).await?;
        let text = |name: &str| made[name].as_str().map(str::to_owned);
        Ok(CreatedRoleAssignment {
            id: text("id").ok_or_else(|| GraphError::protocol("the assignment has no id"))?,
            display_name: text("displayName").unwrap_or_else(|| new.display_name.clone()),
        })
    }
}

/// Ids go into addresses and filters, so nothing but what ids consist of is let through.
fn is_id(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    (1..=64).contains(&text.len()) && text.chars().all(plain)
}

fn no_id(text: &str) -> GraphError {
    let shown: String = text.chars().take(40).collect();
    GraphError::new(GraphErrorKind::BadRequest, format!("“{shown}” is no id"))
}

fn groups_in(body: &Value) -> Result<Vec<Group>, GraphError> {
    let items = body["value"]
        .as_array()
        .ok_or_else(|| GraphError::protocol("a page of groups holds no list"))?;
    items
        .iter()
        .map(|item| match item["id"].as_str() {
            Some(id) => Ok(group(id.to_owned(), item)),
            None => Err(GraphError::protocol("a group has no id")),
        })
        .collect()
}

fn role(item: &Value) -> Result<RoleDefinition, GraphError> {
    let text = |name: &str| item[name].as_str().map(str::to_owned);
    let id = text("id").ok_or_else(|| GraphError::protocol("a role has no id"))?;
    Ok(RoleDefinition {
        display_name: text("displayName").unwrap_or_else(|| id.clone()),
        description: text("description").filter(|text| !text.is_empty()),
        is_built_in: item["isBuiltIn"] == true,
        id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_get_into_addresses() {
        assert!(is_id("acacacac-9df4-4c7d-9d50-4ef0226f57a9"));
        for odd in ["", "a')/x", "a b", "ü", "a/b", &"a".repeat(65)] {
            assert!(!is_id(odd), "{odd}");
        }
    }
}
