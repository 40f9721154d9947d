-- A search of the failures reads each outcome newest first and stops at the page's last run, and compares a text that is
-- written once instead of making it for every comparison.
alter table operation_runs
    add column failure_text text generated always as (lower(failure_summary::text)) stored;
drop index operation_runs_failed_created;
create index operation_runs_failed_created on operation_runs (outcome, created_at, id) include (tenant_id)
    where failure_text is not null;
