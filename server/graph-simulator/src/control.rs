//! The control addresses under `/_control`: faults, the request record, and changes behind a client's back.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Faults;
use crate::record::{RequestCounts, RequestEntry};
use crate::simulator::Simulator;
use crate::tampering::ControlError;

pub(crate) fn router() -> Router<Simulator> {
    Router::new()
        .route("/tenants", get(tenants))
        .route(
            "/tenants/{directory_id}/faults",
            put(set_faults).get(faults),
        )
        .route(
            "/tenants/{directory_id}/policies",
            get(policies).post(add_policy),
        )
        .route(
            "/tenants/{directory_id}/policies/{id}",
            patch(edit_policy).delete(delete_policy),
        )
        .route(
            "/tenants/{directory_id}/groups",
            get(groups).post(add_group),
        )
        .route(
            "/tenants/{directory_id}/groups/{id}",
            patch(edit_group).delete(delete_group),
        )
        .route("/tenants/{directory_id}/issued", get(issued))
        .route("/requests", get(counts).delete(reset))
        .route("/requests/log", get(log))
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (
            StatusCode::NOT_FOUND,
            Json(json!({"error": self.to_string()})),
        )
            .into_response()
    }
}

async fn tenants(State(simulator): State<Simulator>) -> Response {
    Json(simulator.tenants()).into_response()
}

async fn set_faults(
    State(simulator): State<Simulator>,
    Path(directory_id): Path<String>,
    Json(faults): Json<Faults>,
) -> Result<Json<Faults>, ControlError> {
    simulator.faults(&directory_id)?;
    simulator.set_faults(&directory_id, faults.clone());
    Ok(Json(faults))
}

async fn faults(
    State(simulator): State<Simulator>,
    Path(directory_id): Path<String>,
) -> Result<Json<Faults>, ControlError> {
    simulator.faults(&directory_id).map(Json)
}

async fn issued(
    State(simulator): State<Simulator>,
    Path(directory_id): Path<String>,
) -> Result<Response, ControlError> {
    Ok(Json(simulator.issued(&directory_id)?).into_response())
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

async fn counts(
    State(simulator): State<Simulator>,
    Query(query): Query<Since>,
) -> Json<RequestCounts> {
    Json(simulator.request_counts(query.since))
}

async fn log(
    State(simulator): State<Simulator>,
    Query(query): Query<Since>,
) -> Json<Vec<RequestEntry>> {
    let entries = simulator
        .request_log()
        .into_iter()
        .filter(|entry| entry.sequence > query.since);
    Json(entries.collect())
}

async fn reset(State(simulator): State<Simulator>) -> StatusCode {
    simulator.reset_requests();
    StatusCode::NO_CONTENT
}

async fn policies(
    State(simulator): State<Simulator>,
    Path(directory_id): Path<String>,
) -> Result<Response, ControlError> {
    Ok(Json(simulator.policies(&directory_id)?).into_response())
}

#[derive(Deserialize)]
struct NewPolicy {
    /// Last path segment of the collection.
    kind: String,
    object: Value,
}

async fn add_policy(
    State(simulator): State<Simulator>,
    Path(directory_id): Path<String>,
    Json(new): Json<NewPolicy>,
) -> Result<Response, ControlError> {
    let id = simulator.add_policy(&directory_id, &new.kind, new.object)?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))).into_response())
}

async fn edit_policy(
    State(simulator): State<Simulator>,
    Path((directory_id, id)): Path<(String, String)>,
    Json(changes): Json<Value>,
) -> Result<StatusCode, ControlError> {
    simulator.edit_policy(&directory_id, &id, changes)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete_policy(
    State(simulator): State<Simulator>,
    Path((directory_id, id)): Path<(String, String)>,
) -> Result<StatusCode, ControlError> {
    simulator.delete_policy(&directory_id, &id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn groups(
    State(simulator): State<Simulator>,
    Path(directory_id): Path<String>,
) -> Result<Response, ControlError> {
    Ok(Json(simulator.groups(&directory_id)?).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupName {
    display_name: String,
}

async fn add_group(
    State(simulator): State<Simulator>,
    Path(directory_id): Path<String>,
    Json(new): Json<GroupName>,
) -> Result<Response, ControlError> {
    let id = simulator.add_group(&directory_id, &new.display_name)?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))).into_response())
}

async fn edit_group(
    State(simulator): State<Simulator>,
    Path((directory_id, id)): Path<(String, String)>,
    Json(new): Json<GroupName>,
) -> Result<StatusCode, ControlError> {
    simulator.rename_group(&directory_id, &id, &new.display_name)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Purge {
    /// Gone for good instead of restorable.
    #[serde(default)]
    purge: bool,
}

async fn delete_group(
    State(simulator): State<Simulator>,
    Path((directory_id, id)): Path<(String, String)>,
    Query(query): Query<Purge>,
) -> Result<StatusCode, ControlError> {
    simulator.delete_group(&directory_id, &id, query.purge)?;
    Ok(StatusCode::NO_CONTENT)
}
