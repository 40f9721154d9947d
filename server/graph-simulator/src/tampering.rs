//! Changes to a tenant's data behind a client's back, as an administrator in a portal would make them.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};
use thiserror::Error;
use uuid::Uuid;

use crate::guard::{read, write};
use crate::kind::Kind;
use crate::simulator::Simulator;
use crate::tenant::{Data, Tenant};
use crate::write::{complete, timestamp};

/// Why a control call could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ControlError {
    /// No simulated tenant has this directory id.
    #[error("no tenant {0}")]
    UnknownTenant(String),
    /// The tenant has no policy or group with this id.
    #[error("no object {0}")]
    UnknownObject(String),
    /// No collection ends in this path segment, or the object is not a JSON object.
    #[error("no policy kind {0}")]
    UnknownKind(String),
}

/// An object of a tenant in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// Last path segment of the collection, e.g. `configurationPolicies`, or `groups`.
    pub kind: String,
    pub id: String,
    pub name: String,
}

impl Simulator {
    fn tenant(&self, directory_id: &str) -> Result<Arc<Tenant>, ControlError> {
        self.server
            .tenant(directory_id)
            .ok_or_else(|| ControlError::UnknownTenant(directory_id.to_owned()))
    }

    pub(crate) fn faults(&self, directory_id: &str) -> Result<crate::Faults, ControlError> {
        Ok(crate::guard::lock(&self.tenant(directory_id)?.faults)
            .faults
            .clone())
    }

    /// Every secret that people's sign-ins in a tenant have led to, oldest first.
    pub fn issued(&self, directory_id: &str) -> Result<Vec<crate::IssuedSecret>, ControlError> {
        let tenant = self.tenant(directory_id)?;
        let issued = crate::guard::lock(&tenant.delegations).issued();
        Ok(issued)
    }

    /// All policies of a tenant, kind by kind, in the order Graph lists them. Apps are not among them.
    pub fn policies(&self, directory_id: &str) -> Result<Vec<Listed>, ControlError> {
        let tenant = self.tenant(directory_id)?;
        let data = read(&tenant.data);
        let mut all = Vec::new();
        let policies = |kind: &&Kind| !kind.is_view() && kind.is_policy();
        for kind in crate::registry::KINDS.iter().filter(policies) {
            for (_, stored) in data
                .policies
                .get(kind.store)
                .into_iter()
                .flat_map(|collection| collection.after(0))
            {
                all.push(listed(kind.segment(), kind.name, &stored.id, &stored.value));
            }
        }
        Ok(all)
    }

    /// The whole stored object, relations included.
    pub fn policy(&self, directory_id: &str, id: &str) -> Result<Value, ControlError> {
        let tenant = self.tenant(directory_id)?;
        let data = read(&tenant.data);
        let (_, value) =
            locate(&data, id).ok_or_else(|| ControlError::UnknownObject(id.to_owned()))?;
        Ok((*value).clone())
    }

    /// Adds an object to the collection whose path ends in `kind` (e.g. `deviceConfigurations`) and returns its id. An `id` in the object is kept.
    pub fn add_policy(
        &self,
        directory_id: &str,
        kind: &str,
        object: Value,
    ) -> Result<String, ControlError> {
        let tenant = self.tenant(directory_id)?;
        let unknown = || ControlError::UnknownKind(kind.to_owned());
        let known = Kind::named(kind).ok_or_else(unknown)?;
        let mut object: Map<String, Value> =
            serde_json::from_value(object).map_err(|_| unknown())?;
        let id = object
            .get("id")
            .and_then(Value::as_str)
            .map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        complete(known, &id, &mut object);
        write(&tenant.data)
            .collection(known.store)
            .put(&id, Value::Object(object), None);
        Ok(id)
    }

    /// Sets properties of a policy and renews its modification time.
    pub fn edit_policy(
        &self,
        directory_id: &str,
        id: &str,
        changes: Value,
    ) -> Result<(), ControlError> {
        let tenant = self.tenant(directory_id)?;
        let mut data = write(&tenant.data);
        let (kind, value) =
            locate(&data, id).ok_or_else(|| ControlError::UnknownObject(id.to_owned()))?;
        let mut value = (*value).clone();
        if let (Some(object), Value::Object(changes)) = (value.as_object_mut(), changes) {
            object.extend(changes);
            object.insert("id".to_owned(), json!(id));
            kind.mark_assigned(object);
            if let Some(modified) = ["lastModifiedDateTime", "modifiedDateTime"]
                .iter()
                .find(|name| object.contains_key(**name))
            {
                object.insert((*modified).to_owned(), json!(timestamp()));
            }
        }
        data.collection(kind.store).put(id, value, None);
        Ok(())
    }

    /// Gives a policy another name, whatever its kind calls that property.
    pub fn rename_policy(
        &self,
        directory_id: &str,
        id: &str,
        name: &str,
    ) -> Result<(), ControlError> {
        let tenant = self.tenant(directory_id)?;
        let kind = locate(&read(&tenant.data), id).map(|(kind, _)| kind);
        let kind = kind.ok_or_else(|| ControlError::UnknownObject(id.to_owned()))?;
        self.edit_policy(directory_id, id, json!({kind.name: name}))
    }

    /// Deletes a policy of any kind.
    pub fn delete_policy(&self, directory_id: &str, id: &str) -> Result<(), ControlError> {
        let tenant = self.tenant(directory_id)?;
        let mut data = write(&tenant.data);
        let (kind, _) =
            locate(&data, id).ok_or_else(|| ControlError::UnknownObject(id.to_owned()))?;
        data.collection(kind.store).remove(id);
        Ok(())
    }

    /// All groups of a tenant in the order Graph lists them.
    pub fn groups(&self, directory_id: &str) -> Result<Vec<Listed>, ControlError> {
        let tenant = self.tenant(directory_id)?;
        let data = read(&tenant.data);
        let all = data.groups.collection.after(0);
        Ok(all
            .map(|(_, stored)| listed("groups", "displayName", &stored.id, &stored.value))
            .collect())
    }

    /// Adds a security group and returns its id.
    pub fn add_group(
        &self,
        directory_id: &str,
        display_name: &str,
    ) -> Result<String, ControlError> {
        let tenant = self.tenant(directory_id)?;
        let id = Uuid::new_v4().to_string();
        let group = crate::seed::group(&id, display_name);
        write(&tenant.data).groups.put(&id, group, None);
        Ok(id)
    }

    pub fn rename_group(
        &self,
        directory_id: &str,
        id: &str,
        display_name: &str,
    ) -> Result<(), ControlError> {
        let tenant = self.tenant(directory_id)?;
        let mut data = write(&tenant.data);
        let stored = data
            .groups
            .collection
            .get(id)
            .ok_or_else(|| ControlError::UnknownObject(id.to_owned()))?;
        let mut value = (*stored.value).clone();
        if let Some(object) = value.as_object_mut() {
            object.insert("displayName".to_owned(), json!(display_name));
        }
        data.groups.put(id, value, None);
        Ok(())
    }

    /// Deletes a group; without `purge` delta queries report it as restorable (`changed`).
    pub fn delete_group(
        &self,
        directory_id: &str,
        id: &str,
        purge: bool,
    ) -> Result<(), ControlError> {
        let tenant = self.tenant(directory_id)?;
        if write(&tenant.data).groups.remove(id, purge) {
            Ok(())
        } else {
            Err(ControlError::UnknownObject(id.to_owned()))
        }
    }
}

fn listed(kind: &str, name: &str, id: &str, value: &Value) -> Listed {
    let name = value.get(name).and_then(Value::as_str).unwrap_or_default();
    Listed {
        kind: kind.to_owned(),
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

fn locate(data: &Data, id: &str) -> Option<(&'static Kind, Arc<Value>)> {
    crate::registry::KINDS
        .iter()
        .filter(|kind| !kind.is_view())
        .find_map(|kind| {
            let stored = data.policies.get(kind.store)?.get(id)?;
            Some((kind, stored.value.clone()))
        })
}
