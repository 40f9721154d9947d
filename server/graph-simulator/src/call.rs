//! One Graph request, whether it came over HTTP or inside a `$batch`, and the reply to it.

use axum::http::{HeaderMap, Method};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::address::Address;
use crate::bearer::Bearer;
use crate::error::GraphError;
use crate::expand::Expansion;
use crate::query::Query;
use crate::tenant::Tenant;

/// A request after its token was accepted.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) bearer: &'a Bearer,
    pub(crate) method: Method,
    pub(crate) address: Address,
    pub(crate) query: Query,
    /// The path as sent: links repeat it.
    pub(crate) path: String,
    /// `http://host:port` as the client addressed us.
    pub(crate) origin: String,
    pub(crate) body: Vec<u8>,
    /// `ConsistencyLevel: eventual` was sent.
    pub(crate) eventual: bool,
    /// `odata.metadata=full` was asked for.
    pub(crate) full_metadata: bool,
}

impl<'a> Call<'a> {
    /// `target` is path and query.
    pub(crate) fn new(
        bearer: &'a Bearer,
        method: Method,
        target: &str,
        origin: &str,
        headers: &HeaderMap,
        body: Vec<u8>,
    ) -> Result<Self, GraphError> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        Ok(Self {
            tenant: &bearer.tenant,
            bearer,
            method,
            address: Address::parse(path)?,
            query: Query::parse(query),
            path: path.to_owned(),
            origin: origin.to_owned(),
            body,
            eventual: header("consistencylevel").eq_ignore_ascii_case("eventual"),
            full_metadata: header("accept").contains("odata.metadata=full"),
        })
    }

    pub(crate) fn is_write(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD)
    }

    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, GraphError> {
        serde_json::from_slice(&self.body).map_err(|_| {
            GraphError::bad_request("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
        })
    }

    pub(crate) fn expansions(&self) -> Vec<Expansion> {
        self.query
            .get("$expand")
            .map(Expansion::parse)
            .unwrap_or_default()
    }

    /// An absolute link to this request with another paging token.
    pub(crate) fn link(&self, option: &str, token: &str) -> String {
        format!(
            "{}{}?{}",
            self.origin,
            self.path,
            self.query.continued(option, token)
        )
    }

    /// An absolute address below the version, for `@odata.context` and `@odata.id`.
    pub(crate) fn absolute(&self, rest: &str) -> String {
        format!("{}/{}/{rest}", self.origin, self.address.version.text())
    }
}

/// What a reply carries.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Empty,
    Json(Value),
    Text(String),
}

/// A successful answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content: Content,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Reply {
    pub(crate) fn json(status: u16, value: Value) -> Self {
        Self {
            status,
            content: Content::Json(value),
            headers: Vec::new(),
        }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            content: Content::Empty,
            headers: Vec::new(),
        }
    }

    pub(crate) fn text(text: String) -> Self {
        Self {
            status: 200,
            content: Content::Text(text),
            headers: Vec::new(),
        }
    }
}

pub(crate) type Answer = Result<Reply, GraphError>;
