//! Whom a policy is assigned to, in one form for every kind: comparable, storable, and written back.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::kind::PolicyKind;

/// App protection knows groups only; everyone is one of these groups that no directory holds.
const ALL_USERS: &str = "acacacac-9df4-4c7d-9d50-4ef0226f57a9";
const ALL_DEVICES: &str = "adadadad-808e-44e2-905a-0b7873a8a531";
const NO_FILTER: &str = "00000000-0000-0000-0000-000000000000";
const FILTER_ID: &str = "deviceAndAppManagementAssignmentFilterId";
const FILTER_TYPE: &str = "deviceAndAppManagementAssignmentFilterType";

/// What a target is. The order is the one in which targets are listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    AllDevices,
    AllUsers,
    Group,
    ExcludedGroup,
    /// A type that TenantAtlas does not know, without `#microsoft.graph.`.
    Other(String),
}

/// Which side of an assignment filter is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterType {
    Include,
    Exclude,
    #[default]
    None,
}

/// One assignment of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub kind: TargetKind,
    pub group_id: Option<String>,
    /// None means that no filter narrows the target.
    pub filter_id: Option<String>,
    #[serde(default)]
    pub filter_type: FilterType,
    /// Members of the target of an unknown type.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub rest: Map<String, Value>,
    /// Members of the assignment beside its target: a remediation's schedule.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl Target {
    /// An assignment without a filter.
    pub fn new(kind: TargetKind, group_id: Option<String>) -> Self {
        Self {
            kind,
            group_id,
            filter_id: None,
            filter_type: FilterType::None,
            rest: Map::new(),
            extra: Map::new(),
        }
    }

    /// The assignment as Graph takes it: `{"target": {…}}` and what stands beside. A filter on an
    /// excluded group is refused, so it is left out.
    pub fn to_json(&self) -> Value {
        let name = match &self.kind {
            TargetKind::AllDevices => "allDevicesAssignmentTarget",
            TargetKind::AllUsers => "allLicensedUsersAssignmentTarget",
            TargetKind::Group => "groupAssignmentTarget",
            TargetKind::ExcludedGroup => "exclusionGroupAssignmentTarget",
            TargetKind::Other(name) => name,
        };
        let mut target = self.rest.clone();
        target.insert(
            "@odata.type".to_owned(),
            json!(format!("#microsoft.graph.{name}")),
        );
        if let Some(group) = &self.group_id {
            target.insert("groupId".to_owned(), json!(group));
        }
        if let Some(filter) = &self.filter_id
            && self.kind != TargetKind::ExcludedGroup
        {
            target.insert(FILTER_ID.to_owned(), json!(filter));
            target.insert(FILTER_TYPE.to_owned(), json!(self.filter_type));
        }
        let mut assignment = self.extra.clone();
        assignment.insert("target".to_owned(), Value::Object(target));
        Value::Object(assignment)
    }

    fn read(kind: &PolicyKind, assignment: &Value) -> Option<Self> {
        let target = assignment["target"].as_object()?;
        let text = |name: &str| {
            let text = target.get(name)?.as_str()?.to_ascii_lowercase();
            (!text.is_empty() && text != NO_FILTER).then_some(text)
        };
        let name = target.get("@odata.type")?.as_str()?;
        let name = name.rsplit('.').next().unwrap_or(name);
        let group = text("groupId");
        let mut read = match (name, group.as_deref()) {
            ("allDevicesAssignmentTarget", _) | ("groupAssignmentTarget", Some(ALL_DEVICES)) => {
                Self::new(TargetKind::AllDevices, None)
            }
            ("allLicensedUsersAssignmentTarget", _)
            | ("groupAssignmentTarget", Some(ALL_USERS)) => Self::new(TargetKind::AllUsers, None),
            ("groupAssignmentTarget", _) => Self::new(TargetKind::Group, group),
            ("exclusionGroupAssignmentTarget", _) => Self::new(TargetKind::ExcludedGroup, group),
            _ => Self::new(TargetKind::Other(name.to_owned()), group),
        };
        let direction = target.get(FILTER_TYPE).and_then(Value::as_str);
        read.filter_type = match direction {
            Some("include") => FilterType::Include,
            Some("exclude") => FilterType::Exclude,
            _ => FilterType::None,
        };
        read.filter_id = text(FILTER_ID).filter(|_| read.filter_type != FilterType::None);
        if read.filter_id.is_none() || read.kind == TargetKind::ExcludedGroup {
            (read.filter_id, read.filter_type) = (None, FilterType::None);
        }
        if matches!(read.kind, TargetKind::Other(_)) {
            let known = ["groupId", FILTER_ID, FILTER_TYPE];
            read.rest = target.clone();
            read.rest.retain(|name, _| {
                !known.contains(&name.as_str())
                    && !name.contains("@odata.")
                    && !name.starts_with('#')
            });
        }
        for name in kind.assignment_members {
            if let Some(value) = assignment.get(name).filter(|value| !value.is_null()) {
                read.extra.insert((*name).to_owned(), value.clone());
            }
        }
        Some(read)
    }
}

impl PolicyKind {
    /// Whom a captured policy is assigned to, in one order and each once. What a policy set assigned is left out: the
    /// set assigns it again.
    pub fn assignments(&self, captured: &Value) -> Vec<Target> {
        let all = captured["assignments"].as_array().into_iter().flatten();
        let mut targets: Vec<Target> = all
            .filter(|assignment| is_direct(assignment))
            .filter_map(|assignment| Target::read(self, assignment))
            .collect();
        targets.sort_by_cached_key(|target| {
            (
                target.kind.clone(),
                target.group_id.clone(),
                target.to_json().to_string(),
            )
        });
        targets.dedup();
        targets
    }

    /// One assignment in the form that the kind takes.
    pub(crate) fn assignment_body(&self, target: &Target) -> Value {
        let group = match target.kind {
            TargetKind::AllUsers => ALL_USERS,
            TargetKind::AllDevices => ALL_DEVICES,
            _ => return target.to_json(),
        };
        if self.concrete.is_empty() {
            return target.to_json();
        }
        let mut everyone = target.clone();
        everyone.kind = TargetKind::Group;
        everyone.group_id = Some(group.to_owned());
        everyone.to_json()
    }
}

pub(crate) fn is_direct(assignment: &Value) -> bool {
    assignment["source"]
        .as_str()
        .is_none_or(|source| source == "direct")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn group(kind: &str, id: &str, filter: Value, direction: &str) -> Value {
        json!({"id": "x", "source": "direct", "target": {"@odata.type": format!("#microsoft.graph.{kind}"), "groupId": id,
            FILTER_ID: filter, FILTER_TYPE: direction}})
    }

    #[test]
    fn targets_have_one_form_and_one_order() {
        let kind = PolicyKind::by_key("settings_catalog").unwrap();
        let plain = group("groupAssignmentTarget", "B", Value::Null, "none");
        let zero = group("groupAssignmentTarget", "b", json!(NO_FILTER), "include");
        let excluded = group("exclusionGroupAssignmentTarget", "a", json!("f"), "include");
        let filtered = group("groupAssignmentTarget", "a", json!("f"), "exclude");
        let everyone =
            json!({"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}});
        let mut of_a_set = group("groupAssignmentTarget", "c", Value::Null, "none");
        of_a_set["source"] = json!("policySets");
        let targets = kind.assignments(
            &json!({"assignments": [excluded, plain, zero, filtered, everyone, of_a_set]}),
        );
        let shown: Vec<_> = targets
            .iter()
            .map(|one| {
                (
                    &one.kind,
                    one.group_id.as_deref(),
                    one.filter_id.as_deref(),
                    one.filter_type,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                (&TargetKind::AllDevices, None, None, FilterType::None),
                (
                    &TargetKind::Group,
                    Some("a"),
                    Some("f"),
                    FilterType::Exclude
                ),
                (&TargetKind::Group, Some("b"), None, FilterType::None),
                (
                    &TargetKind::ExcludedGroup,
                    Some("a"),
                    None,
                    FilterType::None
                ),
            ]
        );
        let written: Vec<_> = targets.iter().map(Target::to_json).collect();
        assert_eq!(kind.assignments(&json!({"assignments": written})), targets);
        let stored = serde_json::to_value(&targets).unwrap();
        assert_eq!(stored[0]["kind"], "all_devices");
        assert_eq!(
            serde_json::from_value::<Vec<Target>>(stored).unwrap(),
            targets
        );
    }

    #[test]
    fn all_users_of_app_protection_are_a_group_on_the_wire() {
        let kind = PolicyKind::by_key("app_protection").unwrap();
        let captured = json!({"assignments": [group("groupAssignmentTarget", ALL_USERS, Value::Null, "none")]});
        let targets = kind.assignments(&captured);
        assert_eq!(targets, [Target::new(TargetKind::AllUsers, None)]);
        assert_eq!(
            kind.assignment_body(&targets[0])["target"]["groupId"],
            ALL_USERS
        );
    }

    #[test]
    fn a_remediation_keeps_its_schedule_and_an_unknown_target_its_members() {
        let kind = PolicyKind::by_key("remediation_scripts").unwrap();
        let schedule = json!({"@odata.type": "#microsoft.graph.deviceHealthScriptDailySchedule", "interval": 1});
        let mut assignment = group("groupAssignmentTarget", "a", Value::Null, "none");
        assignment["runSchedule"] = schedule.clone();
        assignment["runRemediationScript"] = json!(true);
        let collection = json!({"target": {"@odata.type": "#microsoft.graph.configurationManagerCollectionAssignmentTarget",
            "collectionId": "SMS0"}});
        let targets = kind.assignments(&json!({"assignments": [collection, assignment]}));
        assert_eq!(targets[0].to_json()["runSchedule"], schedule);
        assert_eq!(targets[0].to_json()["runRemediationScript"], true);
        assert_eq!(targets[1].to_json()["target"]["collectionId"], "SMS0");
    }
}
