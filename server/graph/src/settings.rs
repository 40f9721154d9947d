//! The limits and time-outs every request to Graph lives under.

use std::time::Duration;

/// Explicit limits of one [`crate::GraphClient`]. `Default` suits production.
#[derive(Debug, Clone)]
pub struct GraphSettings {
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long one attempt may take, from sending to the last byte of the body.
    pub request_timeout: Duration,
    /// How many times one request is sent at most, the first time included.
    pub max_attempts: u32,
    /// The longest single wait between two attempts. A longer `Retry-After` is never cut short:
    /// the request fails with it instead, so that the caller can come back later.
    pub max_retry_wait: Duration,
    /// The longest sum of waits of one request.
    pub total_retry_wait: Duration,
    /// The first wait when the service gives no `Retry-After`; it doubles with each attempt.
    pub backoff: Duration,
    /// Requests under way at once to one tenant, over all runs of this process.
    pub max_concurrent_per_tenant: usize,
    /// The least time between two conditional access requests to one tenant. The service allows
    /// one request a second and says nothing about when to come back.
    pub conditional_access_interval: Duration,
    /// Writes to Intune of one tenant within [`Self::intune_write_window`] at most. The service allows an
    /// application 100 in 20 seconds; reads have a far larger budget of their own.
    pub intune_writes: usize,
    pub intune_write_window: Duration,
    /// How long a listing may lack what was created: minutes, for some kinds.
    pub listing_lag: Duration,
    /// A token with less than this left is renewed before use (a tenth of its life, if shorter).
    pub token_margin: Duration,
    /// The largest body read, in bytes after decompression.
    pub max_body_bytes: usize,
    /// The most pages followed in one listing.
    pub max_pages: usize,
    /// What the client calls itself.
    pub user_agent: String,
}

impl GraphSettings {
    /// For requests that somebody waits for in front of a page: a longer wait is told instead of being sat through.
    pub fn interactive() -> Self {
        Self {
            connect_timeout: Duration::from_secs(4),
            request_timeout: Duration::from_secs(8),
            max_attempts: 2,
            max_retry_wait: Duration::from_secs(2),
            total_retry_wait: Duration::from_secs(2),
            max_pages: 1_000,
            ..Self::default()
        }
    }
}

impl Default for GraphSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(100),
            max_attempts: 8,
            max_retry_wait: Duration::from_secs(60),
            total_retry_wait: Duration::from_secs(300),
            backoff: Duration::from_secs(1),
            max_concurrent_per_tenant: 4,
            conditional_access_interval: Duration::from_secs(1),
            intune_writes: 100,
            intune_write_window: Duration::from_secs(20),
            listing_lag: Duration::from_secs(120),
            token_margin: Duration::from_secs(300),
            max_body_bytes: 32 * 1024 * 1024,
            max_pages: 10_000,
            user_agent: concat!("TenantAtlas/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
