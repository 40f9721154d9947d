//! Policy files that the common tools export: their text, the Graph collection that each belongs to, and Graph's own
//! form of what they hold.
//!
//! One reading serves the import and the simulated Graph. It knows Graph's addresses, not what either does with a policy.

mod collection;
mod format;
mod minimal;
mod text;

pub use collection::{Collection, collection_of};
pub use format::Format;
pub use minimal::minimal;
pub use text::{DecodeError, decode};
