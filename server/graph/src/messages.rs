//! The messages of a notification template, one for each language, written one by one.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::{
    client::TenantGraph,
    error::{GraphError, GraphErrorKind},
    kind::PolicyKind,
    policies::{id_of, segment},
    send::Call,
};

pub(crate) const MESSAGES: &str = "localizedNotificationMessages";
/// What of a message people write, besides its language.
const WRITTEN: [&str; 3] = ["subject", "messageTemplate", "isDefault"];

impl TenantGraph {
    /// Makes the captured messages the template's only ones. Calling this again is safe, since it reads what is there.
    pub(crate) async fn set_messages(
        &self,
        kind: &PolicyKind,
        id: &str,
        captured: &Value,
    ) -> Result<(), GraphError> {
        let Some(wanted) = captured[MESSAGES].as_array() else {
            return Ok(());
        };
        let url = self.policy_url(kind, id, captured)?;
        let url = format!("{url}/{MESSAGES}");
        let first = self.send(Call::new(Method::GET, url.clone())).await?;
        let mut there = self.all_children(first).await?;
        // The default first: the one before it gives way, and can be deleted then.
        let mut wanted: Vec<&Value> = wanted.iter().collect();
        wanted.sort_by_key(|message| message["isDefault"] != true);
        for message in wanted {
            let same = there
                .iter()
                .position(|old| language(old) == language(message));
            let call = match same.map(|at| there.swap_remove(at)) {
                Some(old) if WRITTEN.iter().all(|name| old[name] == message[name]) => continue,
                Some(old) => {
                    let one = format!("{url}/{}", segment(id_of(&old))?);
                    Call::new(Method::PATCH, one).json(written(message))
                }
                None => {
                    let mut new = written(message);
                    new["locale"] = message["locale"].clone();
                    Call::new(Method::POST, url.clone()).json(new)
                }
            };
            self.send(call).await?;
        }
        for old in there {
            let one = format!("{url}/{}", segment(id_of(&old))?);
            match self.send(Call::new(Method::DELETE, one)).await {
                Err(error) if error.kind != GraphErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

fn language(message: &Value) -> String {
    message["locale"]
        .as_str()
        .unwrap_or_default()
        .to_lowercase()
}

fn written(message: &Value) -> Value {
    let members = WRITTEN
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), message.get(name)?.clone())));
    Value::Object(members.collect())
}

/// By their languages.
pub(crate) fn for_comparing(messages: &mut Value) {
    let Some(all) = messages.as_array() else {
        return;
    };
    let by_language: Map<String, Value> = all
        .iter()
        .map(|message| (language(message), written(message)))
        .collect();
    *messages = json!(by_language);
}
