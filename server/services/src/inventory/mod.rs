//! The inventory: a tenant's policies as the last syncs found them.

mod list;
mod store;

pub use list::list;
pub use store::{Change, FoundPolicy, kind_failed, kind_read, store_page};
