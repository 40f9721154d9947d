//! The inventory: a tenant's policies as the last syncs found them.

mod chosen;
mod list;
mod store;

pub use chosen::chosen;
pub(crate) use list::kind_label;
pub use list::list;
pub use store::{Change, FoundPolicy, Stored, kind_failed, kind_read, store_page};
pub(crate) use store::{has_vanished, without_nul};
