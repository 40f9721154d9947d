//! Where a tenant's login and Graph services are: the national clouds and hand-set addresses.

use std::str::FromStr;

use reqwest::Url;

use crate::error::{GraphError, GraphErrorKind};

/// A Microsoft cloud. GCC tenants belong to [`Cloud::Global`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cloud {
    Global,
    UsGov,
    UsGovDod,
    China,
}

impl Cloud {
    /// Every cloud, in the order a form offers them.
    pub const ALL: [Cloud; 4] = [Cloud::Global, Cloud::UsGov, Cloud::UsGovDod, Cloud::China];

    /// The stored form: `global`, `usgov`, `usgov_dod` or `china`.
    pub fn as_str(self) -> &'static str {
        match self {
            Cloud::Global => "global",
            Cloud::UsGov => "usgov",
            Cloud::UsGovDod => "usgov_dod",
            Cloud::China => "china",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Cloud::Global => "Microsoft 365 (global)",
            Cloud::UsGov => "US Government (GCC High)",
            Cloud::UsGovDod => "US Government (DoD)",
            Cloud::China => "China (21Vianet)",
        }
    }
}

impl FromStr for Cloud {
    type Err = GraphError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Cloud::ALL
            .into_iter()
            .find(|cloud| cloud.as_str() == text)
            .ok_or_else(|| {
                GraphError::new(
                    GraphErrorKind::InvalidConfiguration,
                    format!("unknown cloud: {text}"),
                )
            })
    }
}

/// The bases of the two services, without a trailing slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoints {
    pub login: String,
    pub graph: String,
}

impl Endpoints {
    /// The published addresses of a cloud.
    pub fn of_cloud(cloud: Cloud) -> Self {
        let (login, graph) = match cloud {
            Cloud::Global => (
                "https://login.microsoftonline.com",
                "https://graph.microsoft.com",
            ),
            Cloud::UsGov => (
                "https://login.microsoftonline.us",
                "https://graph.microsoft.us",
            ),
            Cloud::UsGovDod => (
                "https://login.microsoftonline.us",
                "https://dod-graph.microsoft.us",
            ),
            Cloud::China => (
                "https://login.chinacloudapi.cn",
                "https://microsoftgraph.chinacloudapi.cn",
            ),
        };
        Self {
            login: login.to_owned(),
            graph: graph.to_owned(),
        }
    }

    /// Hand-set addresses. `https`, or `http` to this machine or to a name without a dot (a
    /// container's neighbour): a client secret must not cross a real network in the clear.
    pub fn custom(login: &str, graph: &str) -> Result<Self, GraphError> {
        Ok(Self {
            login: checked_base(login)?,
            graph: checked_base(graph)?,
        })
    }
}

impl Endpoints {
    /// Scheme, host and port of an address; none if it has no such thing.
    pub fn origin_of(address: &str) -> Option<String> {
        let origin = Url::parse(address).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

fn checked_base(text: &str) -> Result<String, GraphError> {
    let invalid = |why: &str| {
        GraphError::new(
            GraphErrorKind::InvalidConfiguration,
            format!("not a usable service address: {why}"),
        )
    };
    let url = Url::parse(text.trim()).map_err(|error| invalid(&error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("it holds a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("it holds a query or fragment"));
    }
    let host = url.host_str().ok_or_else(|| invalid("it names no host"))?;
    match url.scheme() {
        "https" => {}
        "http" if is_near(host) => {}
        "http" => return Err(invalid("http is for this machine only; use https")),
        _ => return Err(invalid("it must start with https://")),
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_near(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => !bare.contains('.') || bare.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn each_cloud_has_its_own_graph_and_survives_being_stored() {
        let mut graphs: Vec<String> = Cloud::ALL
            .iter()
            .map(|cloud| Endpoints::of_cloud(*cloud).graph)
            .collect();
        graphs.sort();
        graphs.dedup();
        assert_eq!(graphs.len(), 4);
        for cloud in Cloud::ALL {
            assert_eq!(cloud.as_str().parse::<Cloud>().unwrap(), cloud);
            assert!(Endpoints::of_cloud(cloud).login.starts_with("https://"));
        }
        assert!("mars".parse::<Cloud>().is_err());
    }

    #[test]
    fn dod_uses_the_government_login_with_its_own_graph() {
        let dod = Endpoints::of_cloud(Cloud::UsGovDod);
        assert_eq!(dod.login, "https://login.microsoftonline.us");
        assert_eq!(dod.graph, "https://dod-graph.microsoft.us");
    }

    #[test]
    fn custom_addresses_lose_their_trailing_slash() {
        let near = Endpoints::custom("http://127.0.0.1:9/", "http://[::1]:9").unwrap();
        assert_eq!(near.login, "http://127.0.0.1:9");
        assert!(Endpoints::custom("http://simulator:8080", "https://graph.example").is_ok());
    }

    #[test]
    fn a_secret_is_not_sent_in_the_clear_over_a_network() {
        for bad in [
            "http://graph.example",
            "http://10.1.2.3",
            "ftp://x",
            "graph",
            "https://user:pw@graph.example",
            "https://graph.example/?a=b",
        ] {
            let error = Endpoints::custom("https://login.example", bad).unwrap_err();
            assert_eq!(error.kind, GraphErrorKind::InvalidConfiguration, "{bad}");
            assert!(!error.to_string().contains("pw@"));
        }
    }
}
