//! Policies as a backup needs them: complete, with whom they are assigned to, and with secrets in plain where Graph tells.

use serde_json::Value;

use crate::{
    client::TenantGraph,
    detail::Reading,
    error::GraphError,
    kind::{Part, PolicyKind},
    policies::{Depth, PolicyPages, segment},
    secrets::reference_of,
};

const ASSIGNMENTS: Part = Part {
    below: "/assignments",
    member: "assignments",
};

impl TenantGraph {
    /// All policies of a kind as [`Self::policies`] reads them, each with `assignments` as Graph sends
    /// them and with whatever else creating it again needs.
    ///
    /// The value of an encrypted OMA setting is asked for; where that is refused it stays masked, and
    /// [`crate::masked_secrets`] names it.
    pub fn capture(&self, kind: &'static PolicyKind) -> PolicyPages {
        PolicyPages::new(self.clone(), kind, Depth::Backup)
    }

    /// The same for some policies, by their ids. An id that no policy has is among the failures, of the kind `NotFound`.
    pub fn capture_some(&self, kind: &'static PolicyKind, ids: Vec<String>) -> PolicyPages {
        PolicyPages::of_ids(self.clone(), kind, ids)
    }

    /// Adds assignments, a kind's own parts and secrets to policies with their detail.
    pub(crate) async fn read_parts(
        &self,
        kind: &PolicyKind,
        some: &mut [Reading],
    ) -> Result<(), GraphError> {
        let mut asked = Vec::new();
        let mut paths = Vec::new();
        for (at, one) in some.iter().enumerate() {
            let Ok(policy) = &one.result else { continue };
            // A type that is written nowhere has no parts either.
            let Some(collection) = kind.collection_of(policy) else {
                continue;
            };
            for part in kind.parts_of(policy) {
                asked.push((at, part));
                paths.push(segment(&one.id).map(|id| format!("{collection}/{id}{}", part.below)));
            }
        }
        for ((at, part), answer) in asked.into_iter().zip(self.read_all(kind, paths).await?) {
            let one = &mut some[at];
            match (self.part_in(part, answer).await, &mut one.result) {
                (Ok(value), Ok(policy)) => policy[part.member] = value,
                (Err(error), Ok(_)) => one.result = Err(error),
                (_, Err(_)) => {}
            }
        }
        self.read_secrets(kind, some).await
    }

    async fn part_in(
        &self,
        part: Part,
        answer: Result<Value, GraphError>,
    ) -> Result<Value, GraphError> {
        let mut body = answer?;
        if part.below.starts_with('?') {
            return Ok(body[part.member].take());
        }
        self.all_children(body.take()).await.map(Value::Array)
    }

    /// Puts plain text in the place of encrypted OMA values.
    async fn read_secrets(
        &self,
        kind: &PolicyKind,
        some: &mut [Reading],
    ) -> Result<(), GraphError> {
        let mut asked = Vec::new();
        let mut paths = Vec::new();
        for (at, one) in some.iter().enumerate() {
            let settings = one.result.as_ref().map(|policy| &policy["omaSettings"]);
            let settings = settings.ok().and_then(Value::as_array);
            for (number, setting) in settings.into_iter().flatten().enumerate() {
                let Some(reference) = reference_of(setting) else {
                    continue;
                };
                asked.push((at, number));
                paths.push(segment(&one.id).map(|id| {
                    let ask = "getOmaSettingPlainTextValue(secretReferenceValueId=";
                    format!("{}/{id}/{ask}'{reference}')", kind.list)
                }));
            }
        }
        for ((at, number), answer) in asked.into_iter().zip(self.read_all(kind, paths).await?) {
            let plain = match answer {
                Ok(mut body) => body["value"].take(),
                Err(error) => {
                    tracing::warn!(policy = %some[at].id, %error, "an encrypted value stays masked");
                    continue;
                }
            };
            if let Ok(policy) = &mut some[at].result
                && plain.is_string()
            {
                policy["omaSettings"][number]["value"] = plain;
            }
        }
        Ok(())
    }
}

impl PolicyKind {
    fn parts_of(&self, policy: &Value) -> Vec<Part> {
        let mut parts = self.parts.to_vec();
        if self.is_assignable() {
            parts.push(ASSIGNMENTS);
        }
        // Windows information protection lists its apps in the policy itself.
        let own_apps = policy["@odata.type"]
            .as_str()
            .is_some_and(|name| name.ends_with("InformationProtectionPolicy"));
        parts.retain(|part| part.member != "apps" || !own_apps);
        parts
    }
}
