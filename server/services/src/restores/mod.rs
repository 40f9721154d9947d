//! Restores: their own record, and the shadow runs that mirror them for monitoring.

mod shadow;
mod shadow_keeper;

pub use shadow::mirror;
pub use shadow_keeper::{ShadowKeeper, catch_up, settle};
