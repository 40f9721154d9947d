//! What a policy refers to by id (groups, filters, scope tags), and the same policy with the ids of another tenant.

use std::collections::{BTreeMap, BTreeSet};

use domain::views::restores::MappingKind;
use graph::{PolicyKind, Target};
use serde_json::{Value, json};
use uuid::Uuid;

/// The tag that every tenant has, under one id.
const DEFAULT_SCOPE_TAG: &str = "0";
const SCOPE_TAGS: [&str; 2] = ["roleScopeTagIds", "roleScopeTags"];
/// Where conditional access names groups; it has no assignments.
const GROUPS_WITHIN: [&str; 2] = [
    "/conditions/users/includeGroups",
    "/conditions/users/excludeGroups",
];

/// Where conditional access names people, and words such as `All`.
const PEOPLE_WITHIN: [&str; 2] = [
    "/conditions/users/includeUsers",
    "/conditions/users/excludeUsers",
];
/// Where conditional access names workload identities, and words such as `ServicePrincipalsInMyTenant`.
const WORKLOADS_WITHIN: [&str; 2] = [
    "/conditions/clientApplications/includeServicePrincipals",
    "/conditions/clientApplications/excludeServicePrincipals",
];
const CONTEXTS: &str = "/conditions/applications/includeAuthenticationContextClassReferences";
/// Authentication strengths that every tenant has, under one id each.
const BUILT_IN_STRENGTHS: [&str; 3] = [
    "00000000-0000-0000-0000-000000000002",
    "00000000-0000-0000-0000-000000000003",
    "00000000-0000-0000-0000-000000000004",
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

/// Why the policy can't be written in another tenant than its own, in a sentence; none if it can. What it names
/// has other ids there and is not looked for.
pub(crate) fn not_elsewhere(policy: &Value) -> Option<String> {
    let any_id = |pointers: &[&str]| {
        pointers
            .iter()
            .flat_map(|pointer| texts(policy.pointer(pointer)))
            .any(|one| Uuid::parse_str(&one).is_ok())
    };
    let names = |member: &str| !texts(policy.get(member)).is_empty();
    let script = policy.pointer("/deviceCompliancePolicyScript/deviceComplianceScriptId");
    let said = [
        (
            any_id(&PEOPLE_WITHIN),
            "It names people of the other tenant, whose accounts have other ids here.",
        ),
        (
            any_id(&WORKLOADS_WITHIN),
            "It names service principals of the other tenant, which have other ids here.",
        ),
        (
            !texts(policy.pointer(CONTEXTS)).is_empty(),
            "It protects authentication contexts of the other tenant, which may stand for something else here.",
        ),
        (
            !texts(policy.pointer("/grantControls/termsOfUse")).is_empty(),
            "It requires terms of use of the other tenant, which have another id here.",
        ),
        (
            script
                .and_then(Value::as_str)
                .is_some_and(|id| !id.is_empty()),
            "It runs a compliance script of the other tenant, which has another id here.",
        ),
        (
            names("selectedMobileAppIds"),
            "It waits for apps of the other tenant, which have other ids here.",
        ),
    ]
    .into_iter()
    .find_map(|(stands, why)| stands.then(|| why.to_owned()));
    said.or_else(|| own_definition(policy))
        .or_else(|| own_strength(policy))
}

/// A setting of an ADMX file that somebody uploaded: built-in ones have the same ids in every tenant.
fn own_definition(policy: &Value) -> Option<String> {
    let values = policy["definitionValues"].as_array().into_iter().flatten();
    let uploaded = values
        .map(|value| &value["definition"])
        .find(|definition| definition["policyType"] == "admxIngested")?;
    let name = uploaded["displayName"].as_str().unwrap_or_default();
    Some(format!(
        "It sets “{name}” of an ADMX file that was uploaded to the other tenant, which has other ids here."
    ))
}

fn own_strength(policy: &Value) -> Option<String> {
    let strength = policy.pointer("/grantControls/authenticationStrength")?;
    let id = strength["id"].as_str().filter(|id| !id.is_empty())?;
    if BUILT_IN_STRENGTHS.contains(&id) {
        return None;
    }
    let name = strength["displayName"].as_str().unwrap_or(id);
    Some(format!(
        "It requires the authentication strength “{name}” of the other tenant, which has another id here."
    ))
}

/// Puts `new` in the place of each of `olds` in every text, in whatever case those are written.
pub(super) fn replace_everywhere(value: &mut Value, olds: &[&str], new: &str) {
    match value {
        Value::String(text) => {
            for old in olds {
                replace(text, old, new);
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| replace_everywhere(item, olds, new)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| replace_everywhere(member, olds, new)),
        _ => {}
    }
}

fn replace(text: &mut String, old: &str, new: &str) {
    let lower = old.to_ascii_lowercase();
    let mut from = 0;
    // ASCII letters alone change, so places in the one are places in the other.
    while let Some(found) = text[from..].to_ascii_lowercase().find(&lower) {
        let at = from + found;
        text.replace_range(at..at + old.len(), new);
        from = at + new.len();
    }
}

fn texts(list: Option<&Value>) -> Vec<String> {
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

    #[test]
    fn the_tenants_own_id_is_replaced_in_every_text_and_any_case() {
        let mut policy = json!({"settings": [{"value": "tenant=8C1F3AB2-aa, Größe %organizationid%%TENANTID%"}, 7]});
        replace_everywhere(
            &mut policy,
            &["8c1f3ab2-AA", "%OrganizationId%", "%TenantId%"],
            "New",
        );
        assert_eq!(
            policy,
            json!({"settings": [{"value": "tenant=New, Größe NewNew"}, 7]})
        );
        let mut same = json!("new");
        replace_everywhere(&mut same, &["new"], "new");
        assert_eq!(same, "new");
    }

    #[test]
    fn what_only_the_other_tenant_has_stands_in_the_way() {
        let person = "8c1f3ab2-6a54-4b0e-9f41-2f1f7d0f6a11";
        let users = |users: Value| json!({"displayName": "CA", "conditions": {"users": users}});
        for free in [
            users(json!({"includeUsers": ["All"], "excludeUsers": ["GuestsOrExternalUsers"]})),
            users(json!({"includeGroups": [person], "includeRoles": [person]})),
            json!({"grantControls": null}),
            json!({"grantControls": {"authenticationStrength": null}}),
            json!({"grantControls": {"authenticationStrength": {"id": BUILT_IN_STRENGTHS[2]}}}),
            json!({"grantControls": {"termsOfUse": []}, "selectedMobileAppIds": []}),
            json!({"conditions": {"clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]},
                "applications": {"includeAuthenticationContextClassReferences": []}}}),
            json!({"deviceCompliancePolicyScript": null}),
            json!({"definitionValues": [{"definition": {"policyType": "admxBacked", "displayName": "Home page"}}]}),
        ] {
            assert_eq!(not_elsewhere(&free), None, "{free}");
        }
        for bound in [
            users(json!({"includeUsers": [person]})),
            users(json!({"includeUsers": ["All"], "excludeUsers": [person]})),
        ] {
            assert!(not_elsewhere(&bound).unwrap().contains("people"), "{bound}");
        }
        let own = json!({"grantControls": {"authenticationStrength": {"id": person, "displayName": "Keys only"}}});
        assert!(not_elsewhere(&own).unwrap().contains("“Keys only”"));
        for (bound, word) in [
            (
                json!({"grantControls": {"termsOfUse": [person]}}),
                "terms of use",
            ),
            (json!({"selectedMobileAppIds": [person]}), "apps"),
            (
                json!({"conditions": {"clientApplications": {"excludeServicePrincipals": [person]}}}),
                "service principals",
            ),
            (
                json!({"conditions": {"applications": {"includeAuthenticationContextClassReferences": ["c1"]}}}),
                "authentication contexts",
            ),
            (
                json!({"deviceCompliancePolicyScript": {"deviceComplianceScriptId": person}}),
                "script",
            ),
            (
                json!({"definitionValues": [{"definition": {"policyType": "admxIngested", "displayName": "Home page"}}]}),
                "“Home page” of an ADMX file",
            ),
        ] {
            assert!(not_elsewhere(&bound).unwrap().contains(word), "{bound}");
        }
    }
}
