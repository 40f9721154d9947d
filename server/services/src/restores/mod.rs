//! Restores: their own record, their steps, and the shadow runs that mirror them for monitoring.

mod audited;
mod begin;
mod elsewhere;
mod items;
mod links;
mod list;
mod mapping;
mod own_id;
mod page;
mod preview;
mod references;
mod shadow;
mod shadow_keeper;
mod steps;

pub use begin::{again, begin};
pub(crate) use elsewhere::not_elsewhere;
pub(crate) use items::{
    ItemEnd, MaybeCreated, PlannedItem, RestoreRecord, begin_execution, begin_write, counted,
    counted_of_shadow, end_item, fail_rest, failures, finish, items, ledger, maybe_created,
    note_result, record, states,
};
pub(crate) use links::{Link, brought, links, names_of, relinked};
pub use list::{list, sources};
pub(crate) use mapping::mapping;
pub use mapping::{MappingChoice, decide};
pub use page::page;
pub(crate) use preview::{
    Previewed, References, Wishes, previewed, seen, store_item, store_mappings,
};
pub(crate) use references::{Mapping, group_ids, references, scope_tag_ids};
pub use shadow::mirror;
pub use shadow_keeper::{ShadowKeeper, catch_up, settle};
pub use steps::{abort, execute, start_preview};
