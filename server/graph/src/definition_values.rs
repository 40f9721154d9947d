//! The values of an administrative template, written as a set of their own.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::TenantGraph,
    content::without_owned,
    error::{GraphError, GraphErrorKind},
    kind::PolicyKind,
    policies::{id_of, segment},
    send::Call,
};

/// Where definitions are: built-in ones have the same ids in every tenant, imported ones do not.
const DEFINITIONS: &str = "/deviceManagement/groupPolicyDefinitions";

impl TenantGraph {
    /// Replaces all values by the captured ones in one request. It is sent once, as adding twice would make two of each;
    /// calling this again is safe, since it reads what is there first.
    pub(crate) async fn set_definition_values(
        &self,
        kind: &PolicyKind,
        id: &str,
        captured: &Value,
    ) -> Result<(), GraphError> {
        let Some(values) = captured["definitionValues"].as_array() else {
            return Ok(());
        };
        let added: Vec<Value> = values
            .iter()
            .map(|value| self.definition_value(kind, value))
            .collect::<Result<_, _>>()?;
        let url = self.policy_url(kind, id, captured)?;
        let there = Call::new(Method::GET, format!("{url}/definitionValues"));
        let there = self.all_children(self.send(there).await?).await?;
        let gone: Vec<&str> = there.iter().map(id_of).collect();
        if added.is_empty() && gone.is_empty() {
            return Ok(());
        }
        let body = json!({ "added": added, "updated": [], "deletedIds": gone });
        let call = Call::new(Method::POST, format!("{url}/updateDefinitionValues"));
        self.send(call.json(body)).await.map(drop)
    }

    /// A value with links in the place of the definition and presentations that it was captured with.
    fn definition_value(&self, kind: &PolicyKind, value: &Value) -> Result<Value, GraphError> {
        let definition = linked(&value["definition"])?;
        let definition = self.url(kind.version, &format!("{DEFINITIONS}('{definition}')"));
        let mut presentations = Vec::new();
        for shown in value["presentationValues"].as_array().into_iter().flatten() {
            let presentation = linked(&shown["presentation"])?;
            let link = format!("{definition}/presentations('{presentation}')");
            presentations.push(bound(shown, "presentation", link));
        }
        let mut bound = bound(value, "definition", definition);
        bound["presentationValues"] = Value::Array(presentations);
        Ok(bound)
    }
}

/// The object without what the service owns, and with a link for `relation`.
fn bound(value: &Value, relation: &str, link: String) -> Value {
    let mut value = without_owned(value.clone());
    if let Some(members) = value.as_object_mut() {
        members.retain(|name, _| {
            name == "@odata.type" || !(name.contains("@odata.") || name.starts_with('#'))
        });
        members.remove(relation);
        members.insert(format!("{relation}@odata.bind"), json!(link));
    }
    value
}

fn linked(target: &Value) -> Result<&str, GraphError> {
    segment(id_of(target)).map_err(|_| {
        let message = "a value of the template names no definition";
        GraphError::new(GraphErrorKind::BadRequest, message)
    })
}
