//! The order among enrollment configurations of one type: 1 is asked first, 0 is the tenant's default and asked last.

use serde_json::{Map, Value, json};

use crate::call::{Answer, Call, Reply};
use crate::error::GraphError;
use crate::guard::write;
use crate::kind::{IdShape, Kind};
use crate::policies::find;
use crate::tenant::Data;

/// The ids of all but the default, in their order.
pub(crate) fn of_type(data: &Data, kind: &Kind, odata_type: Option<&Value>) -> Vec<String> {
    let all = data.policies.get(kind.store);
    let mut known: Vec<(u64, String)> = all
        .into_iter()
        .flat_map(|all| all.after(0))
        .filter(|(_, stored)| stored.value.get("@odata.type") == odata_type)
        .filter_map(|(_, stored)| {
            Some((stored.value.get("priority")?.as_u64()?, stored.id.clone()))
        })
        .filter(|(priority, _)| *priority > 0)
        .collect();
    known.sort();
    known.into_iter().map(|(_, id)| id).collect()
}

/// Moves one to a place; those behind it make room.
pub(crate) fn set(call: &Call<'_>, kind: &'static Kind, id: &str) -> Answer {
    if kind.id != IdShape::Enrollment {
        return Err(GraphError::unknown_segment("setPriority"));
    }
    let body: Map<String, Value> = call.json()?;
    let wanted = body.get("priority").and_then(Value::as_u64);
    let wanted =
        wanted.ok_or_else(|| GraphError::bad_request("The parameter 'priority' is missing."))?;
    let mut data = write(&call.tenant.data);
    let moved = find(call, kind, &data, id)?.value.clone();
    if wanted == 0 || moved.get("priority") == Some(&json!(0)) {
        let sentence = "The priority of the default configuration is fixed.";
        return Err(GraphError::of(kind.area, 400, "BadRequest", sentence));
    }
    let mut order = of_type(&data, kind, moved.get("@odata.type"));
    order.retain(|other| other != id);
    let place = usize::try_from(wanted - 1).unwrap_or(usize::MAX);
    order.insert(place.min(order.len()), id.to_owned());
    let all = data.collection(kind.store);
    for (place, id) in order.iter().enumerate() {
        let Some(stored) = all.get(id) else { continue };
        let mut value = (*stored.value).clone();
        value["priority"] = json!(place + 1);
        all.put(id, value, None);
    }
    Ok(Reply::empty(204))
}
