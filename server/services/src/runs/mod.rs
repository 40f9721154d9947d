//! Operation runs: started once, moved only forward, listed, swept. The only place that writes a run's status.

mod alerts;
mod around;
mod batches;
mod counts;
mod detail;
mod ensure;
#[cfg(feature = "testing")]
mod explained;
mod export;
mod follow;
mod handover;
mod items;
mod lease;
mod list;
mod matching;
mod of_person;
mod queue;
mod repeat;
mod row;
mod slots;
mod sweep;
mod update;

pub use alerts::{AlertPlace, alerted, tidy_alerts, to_alert};
pub use batches::{do_batch, preview, report, set_of, set_of_everything, stop};
pub use counts::{how_many, list_with_counts};
pub use detail::detail;
pub use ensure::{Belongs, Ensured, Initiator, ensure_run, start};
#[cfg(feature = "testing")]
pub use explained::{plans, rows_read};
pub use export::Export;
pub use follow::{follow, unfollow};
pub(crate) use handover::withdraw_handovers_of;
pub use handover::{hand_over, handed_over, tidy_handovers, withdraw_handover};
pub use items::{EndedItem, Item, ItemEnd, items, tidy_items};
pub use lease::{Claim, HEARTBEAT, LEASE, Lease, claim};
pub use list::{initiators, list, one as started};
pub(crate) use queue::WORKER_SILENCE;
pub use queue::{QUEUE, RunJob, tidy_queue};
pub use repeat::{retry_failed, run_again};
pub use sweep::{SWEEP_EVERY, Swept, sweep};
pub use update::{RunUpdate, UpdateError, fail_run, update_run};

pub(crate) use ensure::{NewRun, answer, create_in, dispatch_in};
pub(crate) use items::of_restore;
pub(crate) use lease::context;
pub(crate) use list::{active, among, newest_of_each, these, was_cut_off};
pub(crate) use of_person::active_of_person;
pub(crate) use update::{mirror_in, withdraw_in};
