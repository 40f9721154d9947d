//! Reads an answer's body without letting it outgrow its limit.

use reqwest::Response;
use serde_json::Value;

use crate::error::{GraphError, GraphErrorKind};

/// The body's bytes, counted after decompression.
pub(crate) async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, GraphError> {
    let too_large = || {
        GraphError::new(
            GraphErrorKind::TooLarge,
            format!("the answer is larger than {most} bytes"),
        )
    };
    let announced = response.content_length().unwrap_or(0);
    if announced > most as u64 {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(announced).unwrap_or(0));
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(GraphError::from_transport)?
    {
        if bytes.len() + chunk.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// A successful answer's body. Nothing at all (204) is `Null`.
pub(crate) fn json(bytes: &[u8]) -> Result<Value, GraphError> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes)
        .map_err(|error| GraphError::protocol(format!("the answer is not JSON: {error}")))
}
