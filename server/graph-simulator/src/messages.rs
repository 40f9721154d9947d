//! The messages of a notification template, one for each language. They are objects below the template: creating or
//! changing the template writes none of them.

use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::call::{Answer, Call, Reply};
use crate::error::GraphError;
use crate::kind::Kind;
use crate::write::{change, timestamp};

pub(crate) const RELATION: &str = "localizedNotificationMessages";

fn refused(sentence: &str) -> GraphError {
    GraphError::intune(400, "BadRequest", sentence)
}

fn filled(message: &Map<String, Value>, name: &str) -> bool {
    let text = message.get(name).and_then(Value::as_str);
    text.is_some_and(|text| !text.trim().is_empty())
}

/// Answers a write below a template's messages.
pub(crate) fn answer(call: &Call<'_>, kind: &'static Kind, id: &str, below: &[&str]) -> Answer {
    match (&call.method, below) {
        (&Method::POST, []) => add(call, kind, id),
        (&Method::PATCH, [message]) => edit(call, kind, id, message),
        (&Method::DELETE, [message]) => remove(call, kind, id, message),
        _ => Err(GraphError::method_not_allowed()),
    }
}

fn add(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    let mut message: Map<String, Value> = call.json()?;
    for name in ["locale", "subject", "messageTemplate"] {
        if !filled(&message, name) {
            return Err(refused(&format!("Property '{name}' is required.")));
        }
    }
    let locale = message.get("locale").and_then(Value::as_str);
    let locale = locale.unwrap_or_default().to_lowercase();
    message.insert("locale".to_owned(), json!(locale));
    message.insert("id".to_owned(), json!(format!("{id}_{locale}")));
    message.insert("lastModifiedDateTime".to_owned(), json!(timestamp()));
    message.entry("isDefault").or_insert(json!(false));
    let shown = Value::Object(message.clone());
    write_all(call, kind, id, |all| {
        if all.iter().any(|old| old["locale"] == locale.as_str()) {
            return Err(refused(&format!(
                "A message for '{locale}' exists already."
            )));
        }
        only_default(all, &message);
        all.push(Value::Object(message));
        Ok(())
    })?;
    Ok(Reply::json(201, shown))
}

fn edit(call: &Call<'_>, kind: &'static Kind, id: &str, message: &str) -> Answer {
    let changes: Map<String, Value> = call.json()?;
    if changes.contains_key("locale") {
        return Err(refused("Property 'locale' cannot be changed."));
    }
    let mut shown = Value::Null;
    write_all(call, kind, id, |all| {
        only_default(all, &changes);
        let old = all.iter_mut().find(|old| old["id"] == message);
        let old = old.and_then(Value::as_object_mut);
        let old = old.ok_or_else(|| GraphError::not_found(kind.area, message))?;
        old.extend(changes.into_iter().filter(|(name, _)| name != "id"));
        old.insert("lastModifiedDateTime".to_owned(), json!(timestamp()));
        shown = Value::Object(old.clone());
        Ok(())
    })?;
    Ok(Reply::json(200, shown))
}

fn remove(call: &Call<'_>, kind: &'static Kind, id: &str, message: &str) -> Answer {
    write_all(call, kind, id, |all| {
        let at = all.iter().position(|old| old["id"] == message);
        let at = at.ok_or_else(|| GraphError::not_found(kind.area, message))?;
        if all[at]["isDefault"] == true {
            return Err(refused("The default message cannot be deleted."));
        }
        all.remove(at);
        Ok(())
    })?;
    Ok(Reply::empty(204))
}

/// A new default takes the place of the old one.
fn only_default(all: &mut [Value], new: &Map<String, Value>) {
    if new.get("isDefault") == Some(&json!(true)) {
        all.iter_mut()
            .for_each(|old| old["isDefault"] = json!(false));
    }
}

fn write_all(
    call: &Call<'_>,
    kind: &'static Kind,
    id: &str,
    apply: impl FnOnce(&mut Vec<Value>) -> Result<(), GraphError>,
) -> Result<(), GraphError> {
    let mut refusal = Ok(());
    change(call, kind, id, |object| {
        let all = object.entry(RELATION).or_insert_with(|| json!([]));
        if let Some(all) = all.as_array_mut() {
            // A refused change leaves no trace.
            let before = all.clone();
            refusal = apply(all);
            if refusal.is_err() {
                *all = before;
            }
        }
    })?;
    refusal
}
