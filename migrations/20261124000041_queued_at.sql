-- Since when a run waits for a worker: a restore's from its execution on, long after its preview made the run.
alter table operation_runs add column queued_at timestamptz;
update operation_runs set queued_at = created_at where status = 'queued' and job_id is not null;
