//! Answers Graph requests of accepted tokens: faults, limits, permissions, then the object itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::Duration;

use serde_json::Value;

use crate::area::Area;
use crate::bearer::Bearer;
use crate::call::{Answer, Call, Content, Reply};
use crate::error::GraphError;
use crate::guard::{lock, read};
use crate::kind::Service;
use crate::record::{Record, RequestEntry};
use crate::tenant::Tenant;
use crate::{catalog_templates, directory, intents, policies, token};

/// Shared state behind every clone of a simulator.
#[derive(Debug, Default)]
pub(crate) struct Server {
    pub(crate) tenants: RwLock<Vec<Arc<Tenant>>>,
    pub(crate) record: Mutex<Record>,
    /// Bounds of the time that every Graph request takes at least.
    pub(crate) latency: RwLock<Option<(Duration, Duration)>>,
    answered: AtomicU64,
}

impl Server {
    pub(crate) fn tenant(&self, directory_id: &str) -> Option<Arc<Tenant>> {
        read(&self.tenants)
            .iter()
            .find(|tenant| tenant.directory_id.eq_ignore_ascii_case(directory_id))
            .cloned()
    }

    /// Whose a bearer token is.
    pub(crate) fn authorize(&self, authorization: Option<&str>) -> Result<Bearer, GraphError> {
        let claims = token::claims(authorization)?;
        let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let tenant = self
            .tenant(claim("tid"))
            .ok_or_else(|| GraphError::invalid_token("Tenant not found."))?;
        let number = claim("uti").parse().unwrap_or(0);
        if tenant.client_id != claim("appid") || !tenant.accepts_token(number) {
            return Err(GraphError::invalid_token("Access token has been revoked."));
        }
        Ok(Bearer::new(tenant, &claims))
    }

    /// Holds the next answer back, as long as the tenant's faults say and stay what they are.
    pub(crate) async fn hold_back(&self, tenant: &Tenant) {
        let mut in_force = lock(&tenant.faults).in_force();
        tokio::select! {
            () = tokio::time::sleep(self.pause(tenant)) => {}
            _ = in_force.changed() => {}
        }
    }

    /// How long that takes: spread evenly between the bounds, the same in every run.
    fn pause(&self, tenant: &Tenant) -> Duration {
        let delay = lock(&tenant.faults).delay();
        let Some((least, most)) = *read(&self.latency) else {
            return delay;
        };
        let turn = self
            .answered
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            >> 48;
        delay + least + most.saturating_sub(least).mul_f64(turn as f64 / 65_536.0)
    }

    /// Answers one request and records it. The second value says that the answer is to be lost.
    pub(crate) fn answer(&self, call: &Call<'_>, batched: bool) -> (Answer, bool) {
        let fault = lock(&call.tenant.faults).next();
        let answer = match fault {
            Some(error) => Err(error),
            None => route(call),
        };
        // An error needs no gateway to hide it.
        let answer = answer.and_then(|reply| match lock(&call.tenant.faults).take_timeout() {
            Some(error) => Err(error),
            None => Ok(reply),
        });
        let status = match &answer {
            Ok(reply) => reply.status,
            Err(error) => error.status,
        };
        self.note(Some(call.tenant), call, status, batched);
        let lost = lock(&call.tenant.faults).take_reset();
        (answer, lost)
    }

    pub(crate) fn note(
        &self,
        tenant: Option<&Tenant>,
        call: &Call<'_>,
        status: u16,
        batched: bool,
    ) {
        let target = call.query.text(&call.path);
        let template = call.address.template();
        self.add(
            tenant,
            call.method.as_str(),
            template,
            target,
            status,
            batched,
        );
    }

    pub(crate) fn add(
        &self,
        tenant: Option<&Tenant>,
        method: &str,
        template: String,
        target: String,
        status: u16,
        batched: bool,
    ) {
        lock(&self.record).add(RequestEntry {
            sequence: 0,
            directory_id: tenant.map(|tenant| tenant.directory_id.clone()),
            method: method.to_owned(),
            template,
            target,
            status,
            batched,
        });
    }
}

/// What a request is about.
enum Subject<'a> {
    Organization(&'a [String]),
    Groups(&'a [String]),
    GetByIds,
    Templates(&'a [String]),
    CatalogTemplates(&'a [String]),
    Policies(&'static crate::kind::Kind, &'a [String]),
}

fn subject<'a>(call: &'a Call<'_>) -> Result<Subject<'a>, GraphError> {
    let segments = &call.address.segments;
    if let Some((kind, rest)) = call.address.kind() {
        return Ok(Subject::Policies(kind, rest));
    }
    match segments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["organization", ..] => Ok(Subject::Organization(&segments[1..])),
        ["groups", ..] => Ok(Subject::Groups(&segments[1..])),
        ["directoryObjects", "getByIds"] => Ok(Subject::GetByIds),
        ["deviceManagement", "templates", ..] => Ok(Subject::Templates(&segments[2..])),
        ["deviceManagement", "configurationPolicyTemplates", ..] => {
            Ok(Subject::CatalogTemplates(&segments[2..]))
        }
        [
            "deviceManagement" | "deviceAppManagement" | "identity" | "directoryObjects",
            ..,
            last,
        ] => Err(GraphError::unknown_segment(last)),
        [first, ..] => Err(GraphError::unknown_segment(first)),
        [] => Err(GraphError::bad_request("Invalid version")),
    }
}

fn route(call: &Call<'_>) -> Answer {
    let subject = subject(call)?;
    let (area, service, path) = match &subject {
        Subject::Organization(_) => (Area::Organization, Service::Directory, "organization"),
        Subject::Groups(_) => (Area::Groups, Service::Directory, "groups"),
        Subject::GetByIds => (Area::Groups, Service::Directory, "directoryObjects"),
        Subject::Templates(_) => (
            Area::Configuration,
            Service::DeviceConfiguration,
            intents::TEMPLATES,
        ),
        Subject::CatalogTemplates(_) => (
            Area::Configuration,
            Service::DeviceConfiguration,
            catalog_templates::PATH,
        ),
        Subject::Policies(kind, _) => (kind.area, kind.service, kind.path),
    };
    // getByIds only reads, whatever its method.
    let write = call.is_write() && !matches!(subject, Subject::GetByIds);
    let units = resource_units(call, service, matches!(subject, Subject::GetByIds));
    let mut used = 0.0;
    if let Some(throttle) = &call.tenant.throttle {
        let application = format!("{}/{}", call.tenant.client_id, call.tenant.directory_id);
        used = lock(throttle).charge(service, write, units, &application)?;
    }
    if lock(&call.tenant.faults).forbids(path) || !call.bearer.opens(area, write) {
        return Err(GraphError::forbidden(area, write));
    }
    let mut reply = match subject {
        Subject::Organization(rest) => directory::organization(call, rest),
        Subject::Groups(rest) => directory::groups(call, rest),
        Subject::GetByIds => directory::get_by_ids(call),
        Subject::Templates(rest) => intents::templates(call, rest),
        Subject::CatalogTemplates(rest) => catalog_templates::answer(call, rest),
        Subject::Policies(kind, rest) => policies::answer(call, kind, rest),
    }?;
    if service == Service::Directory {
        reply
            .headers
            .push(("x-ms-resource-unit", format!("{units}")));
        // Said only to who comes close to the limit.
        if used >= 0.8 {
            let used = format!("{used:.1}");
            reply.headers.push(("x-ms-throttle-limit-percentage", used));
        }
    }
    Ok(reply)
}

/// The published cost of a directory request; anything else costs one.
fn resource_units(call: &Call<'_>, service: Service, by_ids: bool) -> f64 {
    if service != Service::Directory {
        return 1.0;
    }
    let base = if by_ids { 5.0 } else { 1.0 };
    let select = if call.query.get("$select").is_some() {
        if by_ids { -3.0 } else { -1.0 }
    } else {
        0.0
    };
    let expand = if call.query.get("$expand").is_some() {
        1.0
    } else {
        0.0
    };
    let few = call
        .query
        .number("$top")
        .is_ok_and(|top| top.is_some_and(|top| top < 20));
    let top = if few { -1.0 } else { 0.0 };
    f64::max(base + select + expand + top, 1.0)
}

/// The answer as status, headers and content, errors included.
pub(crate) fn finish(answer: Answer, request_id: &str, client_request_id: &str) -> Reply {
    match answer {
        Ok(reply) => reply,
        Err(error) => Reply {
            status: error.status,
            content: Content::Json(error.body(request_id, client_request_id)),
            headers: error.headers,
        },
    }
}
