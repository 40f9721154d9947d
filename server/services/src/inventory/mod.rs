//! The inventory: a tenant's policies as the last syncs found them.

mod list;
mod store;

pub(crate) use list::kind_label;
pub use list::list;
pub(crate) use store::without_nul;
pub use store::{Change, FoundPolicy, kind_failed, kind_read, store_page};
