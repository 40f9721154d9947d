//! The directory's groups, by delta: everything once, then only what changed.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::Value;

use crate::batch::BatchRequest;
use crate::budget::Service;
use crate::error::{GraphError, GraphErrorKind};
use crate::page::{self, Page, Pages};
use crate::tenant::{ApiVersion, TenantGraph};

const FIELDS: &str = "id,displayName,description,groupTypes,securityEnabled,mailEnabled,\
membershipRule,onPremisesSyncEnabled";

/// A group of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub id: String,
    pub display_name: String,
    pub description: Option<String>,
    /// `Unified`, `DynamicMembership`, or nothing.
    pub group_types: Vec<String>,
    pub security_enabled: bool,
    pub mail_enabled: bool,
    /// The rule of a dynamic group.
    pub membership_rule: Option<String>,
    /// The group comes from an on-premises directory.
    pub on_premises_sync: bool,
}

/// One page of changes. A group is in one of the two lists, in its latest state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupPage {
    pub changed: Vec<Group>,
    /// Ids of groups that are gone.
    pub removed: Vec<String>,
    /// On the last page: the link to resume from next time.
    pub delta_link: Option<String>,
}

/// The pages of changes. Ends after the last page or the first failure.
pub struct GroupPages {
    graph: TenantGraph,
    pages: Option<Pages>,
    refusal: Option<GraphError>,
}

impl GroupPages {
    pub(crate) fn new(graph: TenantGraph, resume: Option<String>) -> Self {
        let start = || Pages::of_path(ApiVersion::V1, format!("/groups/delta?$select={FIELDS}"));
        let (pages, refusal) = match resume {
            None => (Some(start()), None),
            // The tenant has moved to another cloud since: its token means nothing there.
            Some(link) if page::own_link(&graph, &link).is_err() => {
                (None, Some(expired("the delta link belongs to another service")))
            }
            Some(link) => (Some(Pages::of_link(link, Service::Directory)), None),
        };
        Self {
            graph,
            pages,
            refusal,
        }
    }

    /// The next page; `None` after the last. [`GraphErrorKind::DeltaExpired`] asks for a start
    /// from nothing.
    pub async fn next(&mut self) -> Option<Result<GroupPage, GraphError>> {
        if let Some(refusal) = self.refusal.take() {
            return Some(Err(refusal));
        }
        let page = self.pages.as_mut()?.next(&self.graph).await?;
        let read = match page {
            Ok(page) => self.read(page).await,
            Err(error) => Err(as_expiry(error)),
        };
        if read.is_err() {
            self.pages = None;
        }
        Some(read)
    }

    async fn read(&self, page: Page) -> Result<GroupPage, GraphError> {
        // The same group may come several times in a page; the last state counts.
        let mut latest: HashMap<String, Option<Value>> = HashMap::new();
        let mut order = Vec::new();
        for item in page.items {
            let Some(id) = item.get("id").and_then(Value::as_str).map(str::to_owned) else {
                return Err(GraphError::protocol("a group has no id"));
            };
            let state = item.get("@removed").is_none().then_some(item);
            if latest.insert(id.clone(), state).is_none() {
                order.push(id);
            }
        }
        self.complete(&mut latest).await?;
        let mut changed = Vec::new();
        let mut removed = Vec::new();
        for id in order {
            match latest.remove(&id) {
                Some(Some(item)) => changed.push(group(id, &item)),
                Some(None) => removed.push(id),
                None => {}
            }
        }
        Ok(GroupPage {
            changed,
            removed,
            delta_link: page.delta_link,
        })
    }

    /// A change may be written with the changed properties alone: such groups are read whole.
    async fn complete(
        &self,
        latest: &mut HashMap<String, Option<Value>>,
    ) -> Result<(), GraphError> {
        let partial: Vec<BatchRequest> = latest
            .iter()
            .filter(|(_, state)| {
                state
                    .as_ref()
                    .is_some_and(|item| item.get("displayName").is_none())
            })
            .map(|(id, _)| BatchRequest {
                id: id.clone(),
                method: Method::GET,
                url: format!("/groups/{id}?$select={FIELDS}"),
                body: None,
            })
            .collect();
        if partial.is_empty() {
            return Ok(());
        }
        for answer in self.graph.batch(ApiVersion::V1, partial).await? {
            match answer.outcome {
                Ok(item) => latest.insert(answer.id, Some(item)),
                Err(error) if error.kind == GraphErrorKind::NotFound => {
                    latest.insert(answer.id, None)
                }
                Err(error) => return Err(error),
            };
        }
        Ok(())
    }
}

fn expired(message: &str) -> GraphError {
    GraphError::new(GraphErrorKind::DeltaExpired, message)
}

fn as_expiry(mut error: GraphError) -> GraphError {
    let code = error.code.as_deref().unwrap_or_default().to_ascii_lowercase();
    let said = ["resyncrequired", "syncstatenotfound", "syncstateinvalid"]
        .iter()
        .any(|known| code.contains(known));
    if error.status == Some(410) || (error.status == Some(400) && said) {
        error.kind = GraphErrorKind::DeltaExpired;
    }
    error
}

fn group(id: String, item: &Value) -> Group {
    let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    let flag = |name: &str| item.get(name).and_then(Value::as_bool).unwrap_or(false);
    Group {
        id,
        display_name: text("displayName").unwrap_or_default(),
        description: text("description"),
        group_types: item
            .get("groupTypes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|kind| kind.as_str().map(str::to_owned))
            .collect(),
        security_enabled: flag("securityEnabled"),
        mail_enabled: flag("mailEnabled"),
        membership_rule: text("membershipRule"),
        on_premises_sync: flag("onPremisesSyncEnabled"),
    }
}
