//! Templates that policies are made from: which of them Microsoft takes no new policies of any more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    client::TenantGraph,
    error::{GraphError, GraphErrorKind},
    kinds::PolicyKind,
    policies::segment,
};

/// What a template may be besides usable.
const PAST: [&str; 3] = ["superseded", "deprecated", "retired"];

impl PolicyKind {
    /// The id of the template that the policy was made from.
    pub fn template_of<'a>(&self, policy: &'a Value) -> Option<&'a str> {
        let id = policy.pointer(self.templates?.named)?.as_str();
        id.filter(|id| !id.is_empty())
    }
}

impl TenantGraph {
    /// Those of these templates that no policy can be written of, each with the reason in a sentence.
    pub async fn past_templates(
        &self,
        kind: &PolicyKind,
        ids: BTreeSet<String>,
    ) -> Result<BTreeMap<String, String>, GraphError> {
        let Some(templates) = kind.templates else {
            return Ok(BTreeMap::new());
        };
        let paths = ids.iter();
        let paths = paths.map(|id| Ok(format!("{}/{}", templates.list, segment(id)?)));
        let answers = self.read_all(kind, paths.collect()).await?;
        let mut past = BTreeMap::new();
        for (id, answer) in ids.into_iter().zip(answers) {
            let reason = match answer {
                Ok(template) => superseded(&template),
                Err(error) if error.kind == GraphErrorKind::NotFound => Some(format!(
                    "It was made from a template that the tenant does not have ({id})."
                )),
                Err(error) => return Err(error),
            };
            past.extend(reason.map(|reason| (id, reason)));
        }
        Ok(past)
    }
}

fn superseded(template: &Value) -> Option<String> {
    let state = template["lifecycleState"].as_str()?;
    let text = |member: &str| template[member].as_str().unwrap_or_default();
    let (name, version) = (text("displayName"), text("displayVersion"));
    PAST.contains(&state).then(|| {
        format!(
            "Its template “{name}” {version} is {state}: Microsoft takes no policy made from it any more. Make the policy \
             anew from the newer template."
        )
    })
}
