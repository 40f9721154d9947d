//! The HTTP face: login, Graph and control addresses on one router.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use uuid::Uuid;

use crate::address::Address;
use crate::bearer::Bearer;
use crate::call::{Answer, Call, Content, Reply};
use crate::error::GraphError;
use crate::server::{Server, finish};
use crate::simulator::Simulator;
use crate::wire::Wire;
use crate::{authorize, batch, control, token};

/// Graph's own limit is four megabytes; exported policies with packages inside may be larger.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
const JSON_FULL: &str = "application/json;odata.metadata=full;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

pub(crate) fn router(simulator: Simulator) -> Router {
    Router::new()
        .route("/{directory_id}/oauth2/v2.0/token", post(login))
        .route(
            "/{directory_id}/oauth2/v2.0/authorize",
            get(sign_in_page).post(sign_in),
        )
        .nest("/_control", control::router())
        .fallback(graph)
        .with_state(simulator)
}

async fn login(
    State(simulator): State<Simulator>,
    Path(directory_id): Path<String>,
    body: String,
) -> Response {
    let tenant = simulator.server.tenant(&directory_id);
    let (status, answer) = token::answer(tenant.as_deref(), &directory_id, &body);
    (
        status,
        [(header::CACHE_CONTROL, "no-store, no-cache")],
        axum::Json(answer),
    )
        .into_response()
}

async fn sign_in_page(
    State(simulator): State<Simulator>,
    Path(directory_id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let tenant = simulator.server.tenant(&directory_id);
    authorize::page(tenant.as_deref(), &directory_id, &query.unwrap_or_default())
}

async fn sign_in(
    State(simulator): State<Simulator>,
    Path(directory_id): Path<String>,
    body: String,
) -> Response {
    let tenant = simulator.server.tenant(&directory_id);
    authorize::decide(tenant.as_deref(), &directory_id, &body)
}

async fn graph(State(simulator): State<Simulator>, request: Request) -> Response {
    let server = &simulator.server;
    let (head, body) = request.into_parts();
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let request_id = Uuid::new_v4().to_string();
    let client_request_id =
        text("client-request-id").map_or_else(|| request_id.clone(), str::to_owned);
    let full = text("accept").is_some_and(|accept| accept.contains("odata.metadata=full"));
    let origin = origin(&head.headers);
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());

    let bearer = server.authorize(text("authorization"));
    let (answer, lost) = match (bearer, to_bytes(body, LARGEST_BODY).await) {
        (Err(error), _) => {
            let template = Address::parse(head.uri.path())
                .map_or_else(|_| target.to_owned(), |known| known.template());
            server.add(
                None,
                head.method.as_str(),
                template,
                target.to_owned(),
                error.status,
                false,
            );
            (Err(error), false)
        }
        (_, Err(_)) => (
            Err(GraphError::new(
                413,
                "RequestEntityTooLarge",
                "The request is too large.",
            )),
            false,
        ),
        (Ok(bearer), Ok(body)) => {
            server.hold_back(&bearer.tenant).await;
            answer(
                server,
                &bearer,
                head.method,
                target,
                &origin,
                &head.headers,
                body.to_vec(),
            )
        }
    };
    if lost {
        match head.extensions.get::<ConnectInfo<Wire>>() {
            Some(ConnectInfo(wire)) => wire.cut(),
            // Behind another listener than our own there is no connection to break.
            None => return StatusCode::GATEWAY_TIMEOUT.into_response(),
        }
    }
    respond(
        finish(answer, &request_id, &client_request_id),
        &request_id,
        &client_request_id,
        full,
    )
}

fn answer(
    server: &Server,
    bearer: &Bearer,
    method: Method,
    target: &str,
    origin: &str,
    headers: &HeaderMap,
    body: Vec<u8>,
) -> (Answer, bool) {
    let call = match Call::new(bearer, method, target, origin, headers, body) {
        Ok(call) => call,
        Err(error) => {
            server.add(
                Some(&bearer.tenant),
                "GET",
                target.to_owned(),
                target.to_owned(),
                error.status,
                false,
            );
            return (Err(error), false);
        }
    };
    if call
        .address
        .segments
        .first()
        .is_some_and(|segment| segment == "$batch")
        && call.method == Method::POST
    {
        let (answer, lost) =
            batch::answer(server, bearer, call.address.version, origin, &call.body);
        server.note(
            Some(&bearer.tenant),
            &call,
            answer
                .as_ref()
                .map_or_else(|error| error.status, |reply| reply.status),
            false,
        );
        return (answer, lost);
    }
    server.answer(&call, false)
}

/// How the client addressed us, so that links lead back the same way.
fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = text("x-forwarded-proto").unwrap_or("http");
    format!("{scheme}://{}", text("host").unwrap_or("localhost"))
}

fn respond(reply: Reply, request_id: &str, client_request_id: &str, full: bool) -> Response {
    let mut response = match reply.content {
        Content::Empty => Response::new(Body::empty()),
        Content::Json(value) => {
            let mut response = Response::new(Body::from(value.to_string()));
            let kind = if full { JSON_FULL } else { JSON };
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
            response
                .headers_mut()
                .insert("odata-version", HeaderValue::from_static("4.0"));
            response
        }
        Content::Text(text) => {
            let mut response = Response::new(Body::from(text));
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
            response
        }
    };
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let diagnostic = r#"{"ServerInfo":{"DataCenter":"West Europe","Slice":"E","Ring":"5","ScaleUnit":"003","RoleInstance":"AM4PEPF00000001"}}"#;
    let fixed = [
        ("request-id", request_id),
        ("client-request-id", client_request_id),
        ("x-ms-ags-diagnostic", diagnostic),
        ("strict-transport-security", "max-age=31536000"),
        ("cache-control", "no-cache"),
    ];
    let own = reply
        .headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    for (name, value) in fixed.into_iter().chain(own) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
