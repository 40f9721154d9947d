//! Follows a listing from page to page, never to another host.

use reqwest::Url;
use serde_json::Value;

use crate::budget::Service;
use crate::error::GraphError;
use crate::tenant::{ApiVersion, TenantGraph};

/// A page of a listing as Graph wrote it.
pub(crate) struct Page {
    pub(crate) items: Vec<Value>,
    /// Where to go on from once every page is read.
    pub(crate) delta_link: Option<String>,
}

/// A listing being read. After a failure or the last page it gives nothing more.
pub(crate) struct Pages {
    service: Service,
    next: Next,
    read: usize,
}

enum Next {
    Path(ApiVersion, String),
    Link(String),
    Nothing,
}

impl Pages {
    pub(crate) fn of_path(version: ApiVersion, path: String) -> Self {
        Self {
            service: Service::of_path(&path),
            next: Next::Path(version, path),
            read: 0,
        }
    }

    /// Goes on from a link Graph gave earlier.
    pub(crate) fn of_link(link: String, service: Service) -> Self {
        Self {
            service,
            next: Next::Link(link),
            read: 0,
        }
    }

    pub(crate) async fn next(&mut self, graph: &TenantGraph) -> Option<Result<Page, GraphError>> {
        let here = match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::Nothing => return None,
            Next::Path(version, path) => graph.url(version, &path),
            Next::Link(link) => own_link(graph, &link),
        };
        Some(match here {
            Ok(url) => self.read(graph, url).await,
            Err(error) => Err(error),
        })
    }

    async fn read(&mut self, graph: &TenantGraph, url: Url) -> Result<Page, GraphError> {
        let most = graph.shared().settings.max_pages;
        if self.read >= most {
            return Err(GraphError::protocol(format!(
                "the listing goes on after {most} pages"
            )));
        }
        self.read += 1;
        let here = url.to_string();
        let mut answer = graph.get(url, self.service).await?;
        let items = match answer.get_mut("value").map(Value::take) {
            Some(Value::Array(items)) => items,
            _ => return Err(GraphError::protocol("the listing holds no list")),
        };
        if let Some(link) = text(&answer, "@odata.nextLink") {
            if link == here {
                return Err(GraphError::protocol("the listing's next page is itself"));
            }
            self.next = Next::Link(link);
        }
        Ok(Page {
            items,
            delta_link: text(&answer, "@odata.deltaLink"),
        })
    }

    /// Every remaining item, for short lists inside an object.
    pub(crate) async fn rest(mut self, graph: &TenantGraph) -> Result<Vec<Value>, GraphError> {
        let mut items = Vec::new();
        while let Some(page) = self.next(graph).await {
            items.append(&mut page?.items);
        }
        Ok(items)
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// The link as an address, if it stays with the tenant's Graph: the token goes with it.
pub(crate) fn own_link(graph: &TenantGraph, link: &str) -> Result<Url, GraphError> {
    let unreadable = || GraphError::protocol("the answer's next page is not an address");
    let url = Url::parse(link).map_err(|_| unreadable())?;
    let base = Url::parse(&graph.connection().endpoints.graph).map_err(|_| unreadable())?;
    if url.origin() != base.origin() || !url.username().is_empty() || url.password().is_some() {
        return Err(GraphError::protocol(format!(
            "the answer's next page points to another host: {}",
            url.host_str().unwrap_or("none")
        )));
    }
    Ok(url)
}
