//! The directory cache: a tenant's groups as the last syncs found them.

mod list;
mod store;

pub(crate) use list::kind_label;
pub use list::list;
pub use store::{
    FoundGroup, delta_link, finish_delta, finish_full, forget_delta_link, remove, store_page,
};
