//! A tenant's own id in what a policy says, which is another one where it is restored.

use serde_json::Value;

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
}
