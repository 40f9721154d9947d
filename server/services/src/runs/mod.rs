//! Operation runs: started once, moved only forward, listed, swept. The only place that writes a run's status.

mod detail;
mod ensure;
mod lease;
mod list;
mod queue;
mod row;
mod slots;
mod sweep;
mod update;

pub use detail::detail;
pub use ensure::{Ensured, Initiator, ensure_run, start};
pub use lease::{Claim, HEARTBEAT, LEASE, Lease, claim};
pub use list::{list, one as started};
pub use queue::{QUEUE, RunJob, tidy_queue};
pub use sweep::{SWEEP_EVERY, Swept, sweep};
pub use update::{RunUpdate, UpdateError, fail_run, update_run};

pub(crate) use ensure::{answer, create_in, dispatch_in};
pub(crate) use lease::context;
pub(crate) use list::{active, newest_of_tenant, these, was_cut_off};
pub(crate) use update::{mirror_in, withdraw_in};
