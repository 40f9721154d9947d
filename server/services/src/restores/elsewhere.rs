//! What a policy names that only its own tenant has, and that is not looked for in another one.

use serde_json::Value;
use uuid::Uuid;

use super::references::texts;

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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

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
