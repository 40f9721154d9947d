//! Backups: versions of policies stored once, in sets; started, stored, listed, compared.

pub(crate) mod catalog_names;
mod compared;
mod content;
mod drift;
mod export;
mod import;
mod retention;
mod sets;
mod start;
mod store;
mod versions;

pub use content::assignment_lines;
pub(crate) use content::{lines, scope_tags_changed};
pub use drift::drift;
pub use export::{ExportedPolicy, export_name, export_page};
pub use import::{LARGEST_FILE, SentFile, import, may_import};
pub(crate) use retention::delete_surplus;
pub(crate) use sets::tenant_name;
pub use sets::{addable, list, set};
pub(crate) use start::{MOST as MOST_POLICIES, checked, export_again};
pub use start::{Selection, add_policies, back_up_now, delete, export};
pub(crate) use store::{Captured, Names, captured_ids, group_names, kinds_of, store_page};
pub use versions::{compare, version};
