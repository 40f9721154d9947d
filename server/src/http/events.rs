//! The event stream of an open page: says what changed among what this person may see, and nothing about how.

use std::{collections::BTreeSet, convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::State,
    http::{HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{RunId, TenantId};
use futures::{Stream, stream};
use serde::Serialize;
use services::{
    Caller, Db, access,
    changes::{Change, Changes},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::sync::CancellationToken;

/// A stream is ended after this time and opened again by the browser, so that rights are looked up anew.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// What changed, of what the reader may see.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Changed {
    runs: BTreeSet<RunId>,
    tenants: BTreeSet<TenantId>,
    /// The reader's own notifications.
    mine: bool,
}

pub(super) async fn events(
    State(db): State<Db>,
    State(changes): State<Changes>,
    State(shutdown): State<CancellationToken>,
    Extension(caller): Extension<Option<Caller>>,
) -> Response {
    let Some(caller) = caller else {
        return axum::http::StatusCode::UNAUTHORIZED.into_response();
    };
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15));
    let stream = stream_for(changes.subscribe(), caller, db, shutdown);
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
    changes: Receiver<Change>,
    caller: Caller,
    db: Db,
    shutdown: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let end = tokio::time::Instant::now() + LONGEST;
    // Tells the page at once that the stream stands; it asks again for what it may have missed.
    let hello = stream::iter([Ok(resync())]);
    let rest = stream::unfold(
        (changes, caller, shutdown),
        move |(mut changes, mut caller, shutdown)| {
            let db = db.clone();
            async move {
                let event = tokio::select! {
                    event = next_event(&mut changes, &mut caller, &db) => event?,
                    () = shutdown.cancelled() => return None,
                    () = tokio::time::sleep_until(end) => return None,
                };
                Some((Ok(event), (changes, caller, shutdown)))
            }
        },
    );
    futures::StreamExt::chain(hello, rest)
}

/// Tells the page to ask for everything again. Not without data: browsers drop an event that has none.
fn resync() -> Event {
    Event::default().event("resync").data("everything")
}

/// Waits for something that this caller may see, and takes along what has come since.
async fn next_event(changes: &mut Receiver<Change>, caller: &mut Caller, db: &Db) -> Option<Event> {
    let mut changed = Changed::default();
    loop {
        let next = if changed == Changed::default() {
            changes.recv().await
        } else {
            match changes.try_recv() {
                Ok(change) => Ok(change),
                Err(_nothing_more) => {
                    return Event::default().event("changed").json_data(&changed).ok();
                }
            }
        };
        match next {
            Ok(Change::Run { tenant, run }) if caller.roles.on(tenant).is_some() => {
                changed.runs.insert(run);
                changed.tenants.insert(tenant);
            }
            // A role that changed counts at once; whatever the page shows may be more or less now.
            Ok(Change::Member { user, .. }) if user == caller.user_id => {
                caller.roles = access::roles_of(db, user).await.ok()?;
                return Some(resync());
            }
            Ok(
                Change::Restore { tenant, .. }
                | Change::Tenant { tenant }
                | Change::Member { tenant, .. },
            ) if caller.roles.on(tenant).is_some() => {
                changed.tenants.insert(tenant);
            }
            Ok(Change::Notifications { user }) if user == caller.user_id => changed.mine = true,
            Ok(
                Change::Run { .. }
                | Change::Restore { .. }
                | Change::Tenant { .. }
                | Change::Member { .. }
                | Change::Notifications { .. },
            ) => {}
            Ok(Change::Resync) | Err(RecvError::Lagged(_)) => {
                return Some(resync());
            }
            Err(RecvError::Closed) => return None,
        }
    }
}
