//! The frame and the few pieces that pages share.

pub mod active_runs;
pub mod address;
pub mod answered;
#[cfg(feature = "hydrate")]
pub mod browser_notifications;
pub mod chips;
pub mod choice;
#[cfg(feature = "hydrate")]
mod copied_times;
pub mod copy;
pub mod days;
pub mod empty;
pub mod filter_form;
pub mod frame;
pub mod icons;
pub mod kept;
pub mod keys;
pub mod live;
pub mod number;
pub mod pager;
pub mod problem;
pub mod progress;
pub mod refused;
pub mod status_badge;
pub mod submit;
pub mod ticker;
pub mod ticks;
pub mod time;
pub mod time_zones;
pub mod told;
pub mod waking;
