//! Where the simulated Graph keeps an exported object, and in which form.

use exported::{Collection, collection_of, minimal};
use serde_json::{Map, Value};

use crate::kind::Kind;

/// The kind that keeps this object.
pub(crate) fn place(object: &Map<String, Value>, folder: &str) -> Option<&'static Kind> {
    match collection_of(object, &[folder])? {
        Collection::Known(path) => Kind::at(path),
        Collection::Other(_) => None,
    }
}

/// The object without what full metadata added, as Graph keeps it: with the type that it leaves out of its answers.
pub(crate) fn clean(kind: &Kind, object: Map<String, Value>) -> Map<String, Value> {
    let mut object = minimal(object);
    if !object.contains_key("@odata.type")
        && let Some(declared) = kind.types.first()
        && !kind.is_polymorphic()
    {
        object.insert(
            "@odata.type".to_owned(),
            Value::String(format!("#microsoft.graph.{declared}")),
        );
    }
    object
}
