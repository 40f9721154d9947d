//! What a policy refers to by id (groups, filters, scope tags), and the same policy with the ids of another tenant.

use std::collections::{BTreeMap, BTreeSet};

use domain::views::restores::MappingKind;
use graph::{PolicyKind, Target};
use serde_json::{Value, json};

/// The tag that every tenant has, under one id.
const DEFAULT_SCOPE_TAG: &str = "0";
const SCOPE_TAGS: [&str; 2] = ["roleScopeTagIds", "roleScopeTags"];
/// Where conditional access names groups; it has no assignments.
const GROUPS_WITHIN: [&str; 2] = [
    "/conditions/users/includeGroups",
    "/conditions/users/excludeGroups",
];

/// Where a compliance policy names groups that get a copy of its mails, and people's addresses never.
const COPIES: &str = "notificationMessageCCList";

fn actions(policy: &Value) -> impl Iterator<Item = &Value> {
    let rules = policy["scheduledActionsForRule"].as_array();
    rules
        .into_iter()
        .flatten()
        .filter_map(|rule| rule["scheduledActionConfigurations"].as_array())
        .flatten()
}

/// Groups that a policy is assigned to, that are excluded from it, or that it names in its content.
pub(crate) fn group_ids(kind: &PolicyKind, policy: &Value) -> Vec<String> {
    let within = GROUPS_WITHIN
        .iter()
        .flat_map(|pointer| texts(policy.pointer(pointer)));
    let assigned = kind
        .assignments(policy)
        .into_iter()
        .filter_map(|target| target.group_id);
    let copied = actions(policy).flat_map(|action| texts(action.get(COPIES)));
    assigned.chain(within).chain(copied).collect()
}

pub(crate) fn scope_tag_ids(policy: &Value) -> Vec<String> {
    SCOPE_TAGS
        .iter()
        .flat_map(|member| texts(policy.get(member)))
        .filter(|id| id != DEFAULT_SCOPE_TAG)
        .collect()
}

pub(super) fn texts(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// Everything that has to be known in the target tenant before the policy can be written there.
pub(crate) fn references(
    kind: &PolicyKind,
    policy: &Value,
    with_assignments: bool,
) -> Vec<(MappingKind, String)> {
    let mut bare = policy.clone();
    if !with_assignments && let Some(members) = bare.as_object_mut() {
        members.remove("assignments");
    }
    let filters = kind.assignments(&bare).into_iter();
    let groups = group_ids(kind, &bare).into_iter();
    let tags = scope_tag_ids(&bare).into_iter();
    let mut all: Vec<_> = groups
        .map(|id| (MappingKind::Group, id))
        .chain(
            filters
                .filter_map(|target| target.filter_id)
                .map(|id| (MappingKind::Filter, id)),
        )
        .chain(tags.map(|id| (MappingKind::ScopeTag, id)))
        .collect();
    all.sort_by(|one, other| (one.0.as_str(), &one.1).cmp(&(other.0.as_str(), &other.1)));
    all.dedup();
    all
}

/// What each id of the backup is in the target tenant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mapping {
    /// None for what is left out.
    pub decided: BTreeMap<(&'static str, String), Option<String>>,
    /// What the restore itself brings and has not brought yet; each stands under its id of the backup.
    pub to_come: BTreeSet<(&'static str, String)>,
    /// What waits for a person: neither mapped nor left out.
    pub undecided: BTreeSet<(&'static str, String)>,
}

impl Mapping {
    pub fn of(&self, what: MappingKind, id: &str) -> Option<&str> {
        self.decided
            .get(&(what.as_str(), id.to_owned()))
            .and_then(Option::as_deref)
    }

    /// What the policy refers to that this restore was to bring first, and did not.
    pub fn not_brought(
        &self,
        kind: &PolicyKind,
        policy: &Value,
        with_assignments: bool,
    ) -> Option<(MappingKind, String)> {
        references(kind, policy, with_assignments)
            .into_iter()
            .find(|(what, id)| self.to_come.contains(&(what.as_str(), id.clone())))
    }

    /// The assignments in the target tenant. One that names something left out is left out whole: without its
    /// filter it would reach more devices than it did.
    pub fn targets(&self, targets: &[Target]) -> Vec<Target> {
        let mut mapped: Vec<Target> = targets
            .iter()
            .filter_map(|target| {
                let mut mapped = target.clone();
                if let Some(id) = &target.group_id {
                    mapped.group_id = Some(self.of(MappingKind::Group, id)?.to_owned());
                }
                if let Some(id) = &target.filter_id {
                    mapped.filter_id = Some(self.of(MappingKind::Filter, id)?.to_owned());
                }
                Some(mapped)
            })
            .collect();
        mapped.sort_by_cached_key(|target| target.to_json().to_string());
        mapped.dedup();
        mapped
    }

    /// Assignments of which nobody can tell yet what becomes of them, with the ids of the backup.
    pub fn undecided_targets(&self, targets: &[Target]) -> Vec<Target> {
        let waits = |target: &&Target| {
            let named: Vec<_> = [
                (MappingKind::Group, &target.group_id),
                (MappingKind::Filter, &target.filter_id),
            ]
            .into_iter()
            .filter_map(|(what, id)| Some((what.as_str(), id.clone()?)))
            .collect();
            let mut others = named.iter().filter(|key| !self.undecided.contains(key));
            named.iter().any(|key| self.undecided.contains(key))
                && others.all(|key| self.decided.get(key).is_some_and(Option::is_some))
        };
        targets.iter().filter(waits).cloned().collect()
    }

    /// Those of these scope tags of which nobody can tell yet what becomes of them.
    pub fn undecided_tags(&self, ids: &[String]) -> Vec<String> {
        let what = MappingKind::ScopeTag.as_str();
        let waits = |id: &&String| self.undecided.contains(&(what, (*id).clone()));
        ids.iter().filter(waits).cloned().collect()
    }

    /// Those of these scope tags that the policy gets in the target tenant.
    pub fn scope_tags(&self, ids: &[String]) -> Vec<String> {
        let mapped = ids
            .iter()
            .filter_map(|id| self.of(MappingKind::ScopeTag, id))
            .filter(|id| *id != DEFAULT_SCOPE_TAG);
        mapped.map(str::to_owned).collect()
    }

    /// The content with the target tenant's scope tags and groups.
    pub fn content(&self, policy: &Value) -> Value {
        let mut mapped = policy.clone();
        for member in SCOPE_TAGS {
            if let Some(list @ Value::Array(_)) = mapped.get_mut(member) {
                let tags = self.list(MappingKind::ScopeTag, list);
                *list = match tags.as_array() {
                    Some(tags) if tags.is_empty() => json!([DEFAULT_SCOPE_TAG]),
                    _ => tags,
                };
            }
        }
        for pointer in GROUPS_WITHIN {
            if let Some(list @ Value::Array(_)) = mapped.pointer_mut(pointer) {
                *list = self.list(MappingKind::Group, list);
            }
        }
        let rules = mapped.get_mut("scheduledActionsForRule");
        let rules = rules.and_then(Value::as_array_mut).into_iter().flatten();
        let actions = rules
            .filter_map(|rule| {
                rule.get_mut("scheduledActionConfigurations")?
                    .as_array_mut()
            })
            .flatten();
        for action in actions {
            if let Some(list @ Value::Array(_)) = action.get_mut(COPIES) {
                *list = self.list(MappingKind::Group, list);
            }
        }
        mapped
    }

    fn list(&self, what: MappingKind, list: &Value) -> Value {
        let items = list.as_array().into_iter().flatten();
        items
            .filter_map(|item| match item.as_str() {
                Some(DEFAULT_SCOPE_TAG) if what == MappingKind::ScopeTag => Some(item.clone()),
                Some(id) => self.of(what, id).map(|id| json!(id)),
                None => Some(item.clone()),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn decided<const N: usize>(lines: [((&'static str, String), Option<String>); N]) -> Mapping {
        Mapping {
            decided: BTreeMap::from(lines),
            ..Mapping::default()
        }
    }

    fn assigned(group: &str, filter: Option<&str>) -> Value {
        json!({"id": "x", "target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group,
            "deviceAndAppManagementAssignmentFilterId": filter,
            "deviceAndAppManagementAssignmentFilterType": if filter.is_some() { "include" } else { "none" }}})
    }

    #[test]
    fn an_assignment_whose_filter_is_left_out_is_left_out_whole() {
        let kind = PolicyKind::by_key("settings_catalog").unwrap();
        let policy = json!({"name": "A", "roleScopeTagIds": ["0", "7", "8"],
            "assignments": [assigned("g1", None), assigned("g2", Some("f1")), assigned("g3", None)]});
        let refers = references(kind, &policy, true);
        assert_eq!(refers.len(), 6);
        assert_eq!(references(kind, &policy, false).len(), 2);
        let mapping = decided([
            (("group", "g1".to_owned()), Some("G1".to_owned())),
            (("group", "g2".to_owned()), Some("G2".to_owned())),
            (("group", "g3".to_owned()), None),
            (("filter", "f1".to_owned()), None),
            (("scope_tag", "7".to_owned()), Some("17".to_owned())),
            (("scope_tag", "8".to_owned()), None),
        ]);
        let targets = mapping.targets(&kind.assignments(&policy));
        assert_eq!(targets.len(), 1);
        assert_eq!(targets[0].group_id.as_deref(), Some("G1"));
        assert_eq!(
            mapping.content(&policy)["roleScopeTagIds"],
            json!(["0", "17"])
        );
    }

    #[test]
    fn what_waits_for_a_person_is_told_apart_from_what_is_left_out() {
        let kind = PolicyKind::by_key("settings_catalog").unwrap();
        let policy = json!({"name": "A", "roleScopeTagIds": ["7", "8"], "assignments": [
            assigned("settled", None), assigned("open", None), assigned("settled", Some("open")),
            assigned("open", Some("left"))]});
        let mut mapping = decided([
            (("group", "settled".to_owned()), Some("G".to_owned())),
            (("group", "open".to_owned()), None),
            (("filter", "open".to_owned()), None),
            (("filter", "left".to_owned()), None),
            (("scope_tag", "7".to_owned()), None),
            (("scope_tag", "8".to_owned()), None),
        ]);
        for (what, id) in [("group", "open"), ("filter", "open"), ("scope_tag", "7")] {
            mapping.undecided.insert((what, id.to_owned()));
        }
        let wanted = kind.assignments(&policy);
        let named = |target: &Target| (target.group_id.clone(), target.filter_id.clone());
        let text = |text: &str| Some(text.to_owned());
        let mut waiting: Vec<_> = mapping
            .undecided_targets(&wanted)
            .iter()
            .map(named)
            .collect();
        waiting.sort();
        assert_eq!(
            waiting,
            [(text("open"), None), (text("settled"), text("open"))]
        );
        assert_eq!(mapping.targets(&wanted).len(), 1);
        assert_eq!(mapping.undecided_tags(&scope_tag_ids(&policy)), ["7"]);
    }

    #[test]
    fn what_the_restore_was_to_bring_itself_is_missed_while_it_is_not_there() {
        let kind = PolicyKind::by_key("settings_catalog").unwrap();
        let policy = json!({"name": "A", "assignments": [assigned("g1", Some("f1"))]});
        let mut mapping = decided([
            (("group", "g1".to_owned()), Some("G1".to_owned())),
            (("filter", "f1".to_owned()), Some("f1".to_owned())),
        ]);
        assert_eq!(mapping.not_brought(kind, &policy, true), None);
        mapping.to_come.insert(("filter", "f1".to_owned()));
        let missed = mapping.not_brought(kind, &policy, true);
        assert_eq!(missed, Some((MappingKind::Filter, "f1".to_owned())));
        assert_eq!(mapping.not_brought(kind, &policy, false), None);
    }

    #[test]
    fn groups_that_get_copies_of_mails_are_mapped_too() {
        let kind = PolicyKind::by_key("compliance").unwrap();
        let policy = json!({"displayName": "C", "scheduledActionsForRule": [{"scheduledActionConfigurations": [
            {"actionType": "block"}, {"actionType": "notification", "notificationMessageCCList": ["a", "b"]}]}]});
        assert_eq!(references(kind, &policy, false).len(), 2);
        let mapping = decided([
            (("group", "a".to_owned()), Some("A".to_owned())),
            (("group", "b".to_owned()), None),
        ]);
        let mapped = mapping.content(&policy);
        let actions = &mapped["scheduledActionsForRule"][0]["scheduledActionConfigurations"];
        assert_eq!(actions[1][COPIES], json!(["A"]));
        assert_eq!(actions[0], json!({"actionType": "block"}));
    }

    #[test]
    fn groups_within_conditional_access_are_mapped_too() {
        let kind = PolicyKind::by_key("conditional_access").unwrap();
        let policy = json!({"displayName": "CA", "conditions": {"users": {"includeGroups": ["a"], "excludeGroups": ["b"]}}});
        assert_eq!(references(kind, &policy, true).len(), 2);
        let mapping = decided([(("group", "a".to_owned()), Some("A".to_owned()))]);
        let users = mapping.content(&policy)["conditions"]["users"].clone();
        assert_eq!(users, json!({"includeGroups": ["A"], "excludeGroups": []}));
    }
}
