//! What a person may choose for themselves: how pages look, what the bell tells, the name, the sessions.

mod keep;
mod looks;
mod page;

pub use keep::{Look, rename, set_columns, set_look, set_notify_about};
pub use looks::{dates_of, looks, theme_named};
pub use page::page;
