//! The event stream of an open page: says what changed among what this person may see, and nothing about how.

use std::{collections::BTreeSet, convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::{Query, State},
    http::{HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{RunId, TenantId};
use futures::{Stream, stream};
use serde::{Deserialize, Serialize};
use services::{
    Caller, Db, access,
    changes::{Change, Changes, Reader},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A stream is ended after this time and opened again by the browser, so that rights are looked up anew.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// How often a quiet stream says that it stands; pages give up after two of these.
const BEAT: Duration = Duration::from_secs(5);
/// Events a second that a page gets for as long as it likes: as many as a worker reports of its run. What changes faster
/// is gathered, so that no page does nothing but ask.
const RATE: f64 = 4.0;
/// How many may come at once after a quiet time.
const BURST: f64 = 10.0;

/// What changed, of what the reader may see.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Changed {
    runs: BTreeSet<RunId>,
    tenants: BTreeSet<TenantId>,
    /// The reader's own notifications.
    mine: bool,
}

/// `?since=`: the place in the order of changes at which a page was written. Any other value is as good as none: the page
/// asks for everything again.
#[derive(Deserialize)]
pub(super) struct Since {
    since: Option<String>,
}

pub(super) async fn events(
    Query(Since { since }): Query<Since>,
    State(db): State<Db>,
    State(changes): State<Changes>,
    State(shutdown): State<CancellationToken>,
    Extension(caller): Extension<Option<Caller>>,
) -> Response {
    let Some(mut caller) = caller else {
        return axum::http::StatusCode::UNAUTHORIZED.into_response();
    };
    let keep_alive = KeepAlive::new().interval(BEAT).event(beat());
    let changes = changes.since(since.and_then(|place| place.parse().ok()));
    // What changed before that is not heard of; the reader's roles were asked before.
    match access::roles_of(&db, caller.user_id).await {
        Ok(roles) => caller.roles = roles,
        Err(error) => {
            tracing::error!(%error, "a stream of changes could not begin");
            return axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    let stream = stream_for(changes, caller, db, shutdown);
    let mut response = Sse::new(stream).keep_alive(keep_alive).into_response();
    // Proxies that gather answers would hold back events.
    let (name, no) = (
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response.headers_mut().insert(name, no);
    response
}

fn stream_for(
    changes: Reader,
    caller: Caller,
    db: Db,
    shutdown: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let end = Instant::now() + LONGEST;
    // Tells the page at once that the stream stands.
    let hello = stream::iter([Ok(beat())]);
    let rest = stream::unfold(
        (changes, caller, shutdown, Allowance::full()),
        move |(mut changes, mut caller, shutdown, mut allowance)| {
            let db = db.clone();
            async move {
                let next = async {
                    tokio::time::sleep_until(allowance.next()).await;
                    next_event(&mut changes, &mut caller, &db).await
                };
                let event = tokio::select! {
                    event = next => event?,
                    () = shutdown.cancelled() => return None,
                    () = tokio::time::sleep_until(end) => return None,
                };
                allowance.spend();
                Some((Ok(event), (changes, caller, shutdown, allowance)))
            }
        },
    );
    futures::StreamExt::chain(hello, rest)
}

/// Says that the stream stands. An event rather than a comment: the page listens for it, as a connection that was cut in
/// silence looks like a quiet one.
fn beat() -> Event {
    Event::default().event("beat").data("here")
}

/// Tells the page to ask for everything again. Not without data: browsers drop an event that has none.
fn resync() -> Event {
    Event::default().event("resync").data("everything")
}

/// How many events a page may get yet.
struct Allowance {
    events: f64,
    at: Instant,
}

impl Allowance {
    fn full() -> Self {
        Self {
            events: BURST,
            at: Instant::now(),
        }
    }

    /// When the next event may go.
    fn next(&self) -> Instant {
        let missing = (1.0 - self.events).max(0.0);
        self.at + Duration::from_secs_f64(missing / RATE)
    }

    fn spend(&mut self) {
        let now = Instant::now();
        let earned = (now - self.at).as_secs_f64() * RATE;
        self.events = (self.events + earned).min(BURST) - 1.0;
        self.at = now;
    }
}

/// Waits for something that this caller may see, and takes along what has come since.
async fn next_event(changes: &mut Reader, caller: &mut Caller, db: &Db) -> Option<Event> {
    let mut changed = Changed::default();
    loop {
        let next = if changed == Changed::default() {
            changes.next().await?
        } else {
            match changes.next_at_once() {
                Some(change) => change,
                None => return Event::default().event("changed").json_data(&changed).ok(),
            }
        };
        match next {
            Change::Run { tenant, run } if caller.roles.on(tenant).is_some() => {
                changed.runs.insert(run);
                changed.tenants.insert(tenant);
            }
            // A role that changed counts at once; whatever the page shows may be more or less now.
            Change::Member { user, .. } if user == caller.user_id => {
                caller.roles = access::roles_of(db, user).await.ok()?;
                return Some(resync());
            }
            Change::Restore { tenant, .. }
            | Change::Tenant { tenant }
            | Change::Member { tenant, .. }
                if caller.roles.on(tenant).is_some() =>
            {
                changed.tenants.insert(tenant);
            }
            Change::Notifications { user } if user == caller.user_id => changed.mine = true,
            Change::Run { .. }
            | Change::Restore { .. }
            | Change::Tenant { .. }
            | Change::Member { .. }
            | Change::Notifications { .. } => {}
            Change::Resync => {
                // A change of the reader's role may be among what was missed.
                caller.roles = access::roles_of(db, caller.user_id).await.ok()?;
                return Some(resync());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_burst_a_page_hears_four_times_a_second() {
        let mut allowance = Allowance::full();
        for _ in 0..10 {
            assert!(allowance.next() <= Instant::now());
            allowance.spend();
        }
        let wait = allowance.next() - Instant::now();
        assert!(wait > Duration::from_millis(150), "{wait:?}");
        assert!(wait <= Duration::from_millis(250), "{wait:?}");
    }
}
