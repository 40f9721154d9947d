//! Graph errors as they look on the wire, including Intune's JSON inside the message.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::area::Area;

/// An error that Graph answers with. `innerError` and the ids are added when the reply is written.
#[derive(Debug, Clone)]
pub(crate) struct GraphError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Extra response headers.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl GraphError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            headers: Vec::new(),
        }
    }

    /// An error from Intune: the message is JSON text that holds the sentence in `Message`.
    pub(crate) fn intune(status: u16, code: &str, sentence: &str) -> Self {
        let text = format!(
            "{sentence} - Operation ID (for customer support): {} - Activity ID: {} - Url: \
             https://fef.msua02.manage.microsoft.com/DeviceManagement?api-version=5025-06-13",
            Uuid::nil(),
            Uuid::new_v4()
        );
        // Intune writes the inner document by hand, line breaks included, in this order.
        let quoted = Value::String(text).to_string();
        let message = format!(
            "{{\r\n  \"_version\": 3,\r\n  \"Message\": {quoted},\r\n  \"CustomApiErrorPhrase\": \"\",\r\n  \
             \"RetryAfter\": null,\r\n  \"ErrorSourceService\": \"\",\r\n  \"HttpHeaders\": \"{{}}\"\r\n}}"
        );
        Self::new(status, code, message)
    }

    /// An error in the dialect of the service behind `area`.
    pub(crate) fn of(area: Area, status: u16, code: &str, sentence: &str) -> Self {
        if area.is_intune() {
            Self::intune(status, code, sentence)
        } else {
            Self::new(status, code, sentence)
        }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(crate) fn unknown_segment(segment: &str) -> Self {
        Self::bad_request(format!("Resource not found for the segment '{segment}'."))
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        )
    }

    pub(crate) fn invalid_token(message: &str) -> Self {
        Self::new(401, "InvalidAuthenticationToken", message).with_header(
            "www-authenticate",
            "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
             client_id=\"00000003-0000-0000-c000-000000000000\"",
        )
    }

    pub(crate) fn forbidden(area: Area, write: bool) -> Self {
        if !area.is_intune() {
            return Self::new(
                403,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            );
        }
        let scopes = if write {
            area.write_roles()
        } else {
            area.read_roles()
        }
        .join(", ");
        Self::intune(
            403,
            "Forbidden",
            &format!(
                "Application is not authorized to perform this operation. Application must have one of the following \
                 scopes: {scopes}"
            ),
        )
    }

    pub(crate) fn not_found(area: Area, id: &str) -> Self {
        if area.is_intune() {
            return Self::intune(
                404,
                "ResourceNotFound",
                &format!("Resource '{id}' was not found."),
            );
        }
        if area == Area::ConditionalAccess {
            return Self::new(
                404,
                "ResourceNotFound",
                format!("{id} does not exist in the directory."),
            );
        }
        Self::new(
            404,
            "Request_ResourceNotFound",
            format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    /// `retry_after` in seconds; `None` leaves the header out, as conditional access does.
    pub(crate) fn too_many_requests(retry_after: Option<u64>) -> Self {
        let error = Self::new(429, "TooManyRequests", "Too many requests");
        match retry_after {
            Some(seconds) => error.with_header("retry-after", seconds.to_string()),
            None => error,
        }
    }

    pub(crate) fn unavailable(retry_after: Option<u32>) -> Self {
        let error = Self::new(
            503,
            "ServiceUnavailable",
            "The service is temporarily unavailable.",
        );
        match retry_after {
            Some(seconds) => error.with_header("retry-after", seconds.to_string()),
            None => error,
        }
    }

    pub(crate) fn gateway_timeout() -> Self {
        Self::new(
            504,
            "UnknownError",
            "The gateway did not receive a response from the service in time.",
        )
    }

    /// The body of the answer.
    pub(crate) fn body(&self, request_id: &str, client_request_id: &str) -> Value {
        json!({"error": {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S").to_string(),
                "request-id": request_id,
                "client-request-id": client_request_id,
            }
        }})
    }
}
