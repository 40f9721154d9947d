//! The address that a request comes from, for the audit log.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request},
    http::HeaderMap,
};

/// The socket's address; behind `proxies` that are trusted, the one that the outermost of them saw.
pub(super) fn address(request: &Request, proxies: u8) -> Option<IpAddr> {
    let socket = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(socket)| socket.ip().to_canonical());
    match proxies {
        0 => socket,
        several => forwarded(request.headers(), several.into()).or(socket),
    }
}

/// Each proxy adds whom it saw at the end. What stands before those is whatever the client wrote.
fn forwarded(headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    let said: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let seen = said.get(said.len().checked_sub(proxies)?)?.trim();
    seen.parse()
        .or_else(|_| seen.parse().map(|socket: SocketAddr| socket.ip()))
        .ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn from(forwarded: &str, proxies: u8) -> Option<String> {
        let mut request = Request::builder()
            .header("x-forwarded-for", forwarded)
            .body(Body::empty())
            .unwrap();
        let socket: SocketAddr = "10.0.0.9:4000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(socket));
        address(&request, proxies).map(|address| address.to_string())
    }

    #[test]
    fn what_a_client_claims_to_be_is_believed_of_trusted_proxies_alone() {
        let claimed = "203.0.113.7, 198.51.100.2";
        assert_eq!(from(claimed, 0).as_deref(), Some("10.0.0.9"));
        assert_eq!(from(claimed, 1).as_deref(), Some("198.51.100.2"));
        assert_eq!(from(claimed, 2).as_deref(), Some("203.0.113.7"));
        assert_eq!(from(claimed, 3).as_deref(), Some("10.0.0.9"));
        assert_eq!(from("[2001:db8::1]:443", 1).as_deref(), Some("2001:db8::1"));
        assert_eq!(from("unknown", 1).as_deref(), Some("10.0.0.9"));
    }
}
