//! The frame and the few pieces that pages share.

pub mod address;
pub mod answered;
pub mod choice;
pub mod empty;
pub mod filter_form;
pub mod frame;
pub mod icons;
pub mod live;
pub mod number;
pub mod pager;
pub mod problem;
pub mod progress;
pub mod status_badge;
pub mod submit;
pub mod ticker;
pub mod ticks;
pub mod time;
