//! The queue's handler: does the work of the run that the tracking layer has claimed, and knows nothing else about it.

use apalis::prelude::*;
use services::{
    operations::{Finished, OperationError, Operations},
    runs::Lease,
};

use crate::worker::Delivery;

/// Runs inside [`crate::track_operation_run`], which puts the lease on the claimed run beside the job.
pub async fn perform_run(
    _delivery: Delivery,
    lease: Data<Lease>,
    operations: Data<Operations>,
) -> Result<Finished, OperationError> {
    operations.perform(&lease).await
}
