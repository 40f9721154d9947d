//! What Microsoft calls the settings of the settings catalog and their options.

use std::collections::BTreeMap;

use serde_json::Value;

/// Takes the definitions out of the settings that were read with them. What is kept is the name alone, by the id of the
/// setting or of the option: a definition is a page of text, the same in every policy and every tenant.
pub fn take_catalog_names(policy: &mut Value) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let settings = policy["settings"].as_array_mut().into_iter().flatten();
    for setting in settings.filter_map(Value::as_object_mut) {
        let definitions = setting.remove("settingDefinitions");
        for definition in items(definitions.as_ref()) {
            names.extend(named(definition, "id"));
            let options = items(definition.get("options"));
            names.extend(options.filter_map(|option| named(option, "itemId")));
        }
    }
    names
}

fn items(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

fn named(object: &Value, id: &str) -> Option<(String, String)> {
    let text = |member: &str| object[member].as_str().map(str::trim);
    let (id, name) = (text(id)?, text("displayName")?);
    (!id.is_empty() && !name.is_empty()).then(|| (id.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn definitions_leave_their_names_and_nothing_else() {
        let mut policy = json!({"name": "A", "settings": [
            {"id": "0", "settingInstance": {"settingDefinitionId": "scan"}, "settingDefinitions": [
                {"id": "scan", "displayName": " Scan every day ", "options": [
                    {"itemId": "scan_0", "displayName": "Off"}, {"itemId": "scan_1", "displayName": ""}]},
                {"id": "", "displayName": "nobody's"}, {"id": "deep", "displayName": null}]},
            {"id": "1", "settingInstance": {"settingDefinitionId": "port"}}]});
        let names = take_catalog_names(&mut policy);
        let told: Vec<_> = names
            .iter()
            .map(|(id, name)| (id.as_str(), name.as_str()))
            .collect();
        assert_eq!(told, [("scan", "Scan every day"), ("scan_0", "Off")]);
        assert_eq!(
            policy,
            json!({"name": "A", "settings": [
                {"id": "0", "settingInstance": {"settingDefinitionId": "scan"}},
                {"id": "1", "settingInstance": {"settingDefinitionId": "port"}}]})
        );
        assert!(take_catalog_names(&mut json!({"displayName": "B"})).is_empty());
    }
}
