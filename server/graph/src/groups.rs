//! Groups of a directory: all of them page by page, then only what changed.

use reqwest::Method;
use serde_json::Value;

use crate::{client::TenantGraph, error::GraphError, kinds::ApiVersion, send::Call};

const FIRST: &str = "/groups/delta?$select=id,displayName,description,groupTypes,securityEnabled,mailEnabled,membershipRule,onPremisesSyncEnabled";

/// A group, with what a name cache needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub id: String,
    pub display_name: String,
    pub description: Option<String>,
    pub group_types: Vec<String>,
    pub security_enabled: bool,
    pub mail_enabled: bool,
    pub membership_rule: Option<String>,
    pub on_premises_sync: bool,
}

/// One page of a reading. A group may appear on several pages; the last word counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupPage {
    pub changed: Vec<Group>,
    /// Ids of groups that are gone.
    pub removed: Vec<String>,
    /// On the last page: where the next reading goes on.
    pub delta_link: Option<String>,
}

/// The pages of a reading, fetched as they are asked for.
pub struct GroupPages {
    graph: TenantGraph,
    next: Option<Result<String, GraphError>>,
    pages_left: usize,
}

impl GroupPages {
    pub(crate) fn new(graph: TenantGraph, resume: Option<String>) -> Self {
        let first = match resume {
            Some(link) => graph.checked_link(&link),
            None => Ok(graph.url(ApiVersion::V1, FIRST)),
        };
        Self {
            pages_left: graph.shared.settings.max_pages,
            graph,
            next: Some(first),
        }
    }

    /// The next page; none after the last one or an error.
    ///
    /// An error of the kind `DeltaExpired` means that the reading has to begin without a delta link.
    pub async fn next(&mut self) -> Option<Result<GroupPage, GraphError>> {
        let page = match self.next.take()? {
            Ok(url) => self.read(url).await,
            Err(error) => Err(error),
        };
        Some(page)
    }

    async fn read(&mut self, url: String) -> Result<GroupPage, GraphError> {
        self.pages_left = self
            .pages_left
            .checked_sub(1)
            .ok_or_else(|| GraphError::protocol("the listing has more pages than are followed"))?;
        let mut body = self.graph.send(Call::new(Method::GET, url)).await?;
        let link = |name: &str| {
            body[name]
                .as_str()
                .map(|link| self.graph.checked_link(link))
        };
        self.next = link("@odata.nextLink");
        let delta_link = link("@odata.deltaLink").transpose()?;
        let Value::Array(items) = body["value"].take() else {
            return Err(GraphError::protocol("a page of groups holds no list"));
        };
        let mut page = GroupPage {
            delta_link,
            ..GroupPage::default()
        };
        for item in items {
            let Some(id) = item["id"].as_str().map(str::to_owned) else {
                return Err(GraphError::protocol("a group has no id"));
            };
            match item.get("@removed") {
                Some(_) => page.removed.push(id),
                None => page.changed.push(group(id, &item)),
            }
        }
        Ok(page)
    }
}

pub(crate) fn group(id: String, item: &Value) -> Group {
    let text = |name: &str| item[name].as_str().map(str::to_owned);
    let flag = |name: &str| item[name].as_bool().unwrap_or_default();
    let types = item["groupTypes"].as_array().into_iter().flatten();
    Group {
        display_name: text("displayName").unwrap_or_else(|| id.clone()),
        description: text("description"),
        group_types: types.filter_map(Value::as_str).map(str::to_owned).collect(),
        security_enabled: flag("securityEnabled"),
        mail_enabled: flag("mailEnabled"),
        membership_rule: text("membershipRule"),
        on_premises_sync: flag("onPremisesSyncEnabled"),
        id,
    }
}
