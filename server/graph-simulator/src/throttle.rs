//! Graph's published limits as token buckets, one set per tenant (each simulated tenant knows one application).

use std::collections::HashMap;
use std::time::Instant;

use crate::error::GraphError;
use crate::kind::Service;

/// Room for `capacity` units, refilled evenly over `seconds`.
#[derive(Debug)]
struct Bucket {
    capacity: f64,
    per_second: f64,
    left: f64,
    filled: Instant,
}

impl Bucket {
    fn new(capacity: f64, seconds: f64) -> Self {
        Self {
            capacity,
            per_second: capacity / seconds,
            left: capacity,
            filled: Instant::now(),
        }
    }

    /// Takes `units` and says what part of all is used up, or how many seconds it will take until they fit.
    fn take(&mut self, units: f64, now: Instant) -> Result<f64, f64> {
        let gained = now.saturating_duration_since(self.filled).as_secs_f64() * self.per_second;
        self.left = (self.left + gained).min(self.capacity);
        self.filled = now;
        if self.left >= units {
            self.left -= units;
            return Ok(1.0 - self.left / self.capacity);
        }
        Err((units - self.left) / self.per_second)
    }
}

/// What is left of every limit of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    any: HashMap<Service, Bucket>,
    writes: HashMap<Service, Bucket>,
}

impl Throttle {
    /// Charges one request costing `units` (directory requests cost more than one) and says what part of the limit is
    /// used up. `application` names it in the answer: client id and directory id.
    pub(crate) fn charge(
        &mut self,
        service: Service,
        write: bool,
        units: f64,
        application: &str,
    ) -> Result<f64, GraphError> {
        let now = Instant::now();
        let any = self.any.entry(service).or_insert_with(|| match service {
            Service::ConditionalAccess => Bucket::new(1.0, 1.0),
            Service::Directory => Bucket::new(8000.0, 10.0),
            _ => Bucket::new(1000.0, 20.0),
        });
        let mut taken = any.take(units, now);
        if write && taken.is_ok() {
            let writes = self.writes.entry(service).or_insert_with(|| match service {
                Service::Directory => Bucket::new(3000.0, 150.0),
                Service::ConditionalAccess => Bucket::new(1.0, 1.0),
                _ => Bucket::new(100.0, 20.0),
            });
            taken = writes.take(1.0, now);
        }
        let seconds = match taken {
            Ok(used) => return Ok(used),
            Err(seconds) => seconds,
        };
        // Conditional access never says when to come back.
        let retry_after =
            (service != Service::ConditionalAccess).then(|| (seconds.ceil() as u64).max(1));
        let scope = if write { "Write" } else { "ReadWrite" };
        Err(GraphError::too_many_requests(retry_after)
            .with_header(
                "x-ms-throttle-scope",
                format!("Tenant_Application/{scope}/{application}"),
            )
            .with_header(
                "x-ms-throttle-information",
                match service {
                    _ if write => "WriteLimitExceeded",
                    Service::Directory => "ResourceUnitLimitExceeded",
                    _ => "CPULimitExceeded",
                },
            ))
    }
}
