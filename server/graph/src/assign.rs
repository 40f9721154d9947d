//! Writing whom a policy is assigned to: always the whole set.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::TenantGraph,
    error::{GraphError, GraphErrorKind},
    kind::{Assign, PolicyKind},
    policies::{id_of, segment},
    send::Call,
    targets::{Target, is_direct},
};

impl TenantGraph {
    /// Makes these targets the policy's only direct ones. `policy_type` is the policy, or its `@odata.type` alone: app
    /// protection has an address for each type. May be repeated.
    ///
    /// What can't be assigned (a kind without assignments, a tenant's enrollment default) takes none; asking for some is
    /// an error.
    pub async fn assign(
        &self,
        kind: &PolicyKind,
        id: &str,
        policy_type: &Value,
        targets: &[Target],
    ) -> Result<(), GraphError> {
        let not_assignable = match kind.given_as(policy_type) {
            Some(given) if !given.assignable => Some(given.reason),
            _ if !kind.is_assignable() => Some("Policies of this kind have no assignments."),
            _ => None,
        };
        match not_assignable {
            Some(_) if targets.is_empty() => return Ok(()),
            Some(reason) => return Err(GraphError::new(GraphErrorKind::BadRequest, reason)),
            None => {}
        }
        let url = self.policy_url(kind, id, policy_type)?;
        match kind.assign {
            Assign::Action(key) => {
                let action = format!("{url}/assign");
                self.assign_all(kind, action, key, targets).await
            }
            Assign::ActionOf { of, key } => {
                let action = format!("{url}/microsoft.graph.{of}/assign");
                self.assign_all(kind, action, key, targets).await
            }
            Assign::EachTarget => self.assign_each(kind, &url, targets).await,
            Assign::None => Ok(()),
        }
    }

    async fn assign_all(
        &self,
        kind: &PolicyKind,
        action: String,
        key: &str,
        targets: &[Target],
    ) -> Result<(), GraphError> {
        let all: Vec<Value> = targets
            .iter()
            .map(|one| kind.assignment_body(one))
            .collect();
        let call = Call::new(Method::POST, action);
        self.send(call.json(json!({ key: all })).repeatable())
            .await
            .map(drop)
    }

    /// Deletes what is too much and adds what is missing, one request each.
    async fn assign_each(
        &self,
        kind: &PolicyKind,
        url: &str,
        targets: &[Target],
    ) -> Result<(), GraphError> {
        let url = format!("{url}/assignments");
        let first = self.send(Call::new(Method::GET, url.clone())).await?;
        let mut missing: Vec<&Target> = targets.iter().collect();
        for assignment in self.all_children(first).await? {
            if !is_direct(&assignment) {
                continue;
            }
            let there = kind.assignments(&json!({ "assignments": [assignment] }));
            let wanted = missing.iter().position(|one| there.contains(one));
            if let Some(at) = wanted {
                missing.remove(at);
                continue;
            }
            let one = format!("{url}/{}", segment(id_of(&assignment))?);
            match self.send(Call::new(Method::DELETE, one)).await {
                Err(error) if error.kind != GraphErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        for target in missing {
            let call = Call::new(Method::POST, url.clone());
            self.send(call.json(kind.assignment_body(target))).await?;
        }
        Ok(())
    }
}
