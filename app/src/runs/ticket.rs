//! A run as plain text, to be pasted into a ticket: what happened, who must act, and what Microsoft's support asks for.

use chrono::{DateTime, Utc};
use domain::{
    FailureGroup, RunId, RunState, SummaryCounts,
    views::{
        handovers::HandedOver,
        runs::{RunDetail, operation_label},
    },
};

/// What a ticket says, and nothing else of a run.
struct Facts<'a> {
    run_id: RunId,
    operation_type: &'a str,
    tenant_name: &'a str,
    directory_id: &'a str,
    state: &'a RunState,
    counts: Option<SummaryCounts>,
    failures: &'a [FailureGroup],
    request_ids: &'a [(String, String)],
    created_at: DateTime<Utc>,
}

/// The text, without anybody's name.
pub fn of_handover(run: &HandedOver) -> String {
    written(&Facts {
        run_id: run.run_id,
        operation_type: &run.operation_type,
        tenant_name: &run.tenant_name,
        directory_id: &run.directory_id,
        state: &run.state,
        counts: run.counts,
        failures: &run.failures,
        request_ids: &run.request_ids,
        created_at: run.created_at,
    })
}

/// The same for a reader who sees the run itself.
pub fn of_run(detail: &RunDetail) -> String {
    let run = &detail.run;
    written(&Facts {
        run_id: run.id,
        operation_type: &run.operation_type,
        tenant_name: &run.tenant_name,
        directory_id: &detail.directory_id,
        state: &run.state,
        counts: run.counts,
        failures: &detail.failures,
        request_ids: &detail.request_ids,
        created_at: run.created_at,
    })
}

fn written(run: &Facts<'_>) -> String {
    let mut lines = vec![
        format!(
            "{} for {}: {}",
            operation_label(run.operation_type),
            run.tenant_name,
            run.state.label()
        ),
        format!("Microsoft tenant {}", run.directory_id),
        format!("Run {}, queued {}", run.run_id, utc(run.created_at)),
    ];
    if let Some(at) = run.state.started_at() {
        lines.push(format!("Started {}", utc(at)));
    }
    if let Some(at) = run.state.completed_at() {
        lines.push(format!("Ended {}", utc(at)));
    }
    if let Some(counts) = run.counts {
        lines.push(format!(
            "{} in all: {} succeeded, {} failed, {} skipped",
            counts.total, counts.success, counts.failed, counts.skipped
        ));
    }
    for failure in run.failures {
        let code = failure.code;
        lines.push(String::new());
        lines.push(format!("{} x {} ({code})", failure.count, code.happened()));
        lines.push(format!("  {}", failure.message));
        lines.push(format!("  {}. {}", code.actor().label(), code.remedy()));
        let request = run.request_ids.iter().find(|(of, _)| of == code.as_str());
        if let Some((_, id)) = request {
            lines.push(format!("  Microsoft request id: {id}"));
        }
    }
    lines.join("\n")
}

/// Read elsewhere by others, so never in the zone that one reader chose.
fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use domain::{FailureCode, Outcome};

    use super::*;

    #[test]
    fn a_ticket_says_what_happened_who_must_act_and_microsofts_request() {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        let ticket = of_handover(&HandedOver {
            run_id: RunId(7),
            operation_type: "inventory.sync".into(),
            tenant_name: "Contoso".into(),
            directory_id: "d1".into(),
            state: RunState::Completed {
                started_at: Some(at),
                completed_at: at,
                outcome: Outcome::PartiallySucceeded,
            },
            counts: Some(SummaryCounts {
                total: 3,
                success: 2,
                failed: 1,
                skipped: 0,
            }),
            failures: vec![FailureGroup::new(
                FailureCode::Forbidden,
                "Scripts: the app needs X",
            )],
            steps: Vec::new(),
            request_ids: vec![("graph.forbidden".into(), "r-1".into())],
            created_at: at,
            expires_at: at,
            as_of: at,
        });
        let lines: Vec<_> = ticket.lines().collect();
        assert_eq!(lines[0], "Inventory sync for Contoso: Partially succeeded");
        assert_eq!(lines[1], "Microsoft tenant d1");
        assert_eq!(lines[5], "3 in all: 2 succeeded, 1 failed, 0 skipped");
        assert!(lines[7].ends_with("(graph.forbidden)"), "{ticket}");
        assert!(lines[9].contains("must act"), "{ticket}");
        assert_eq!(lines[10], "  Microsoft request id: r-1");
    }
}
