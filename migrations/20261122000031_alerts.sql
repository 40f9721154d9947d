-- Runs that did not succeed and that a place outside has not been told of yet. Written with the run's end; whoever tells
-- deletes, and what is an hour old is not told any more.
create table run_alerts (
    run_id bigint constraint run_alerts_pkey primary key
        constraint run_alerts_run_fkey references operation_runs (id) on delete cascade,
    created_at timestamptz not null default now(),
    tries integer not null default 0,
    next_try_at timestamptz not null default now()
);
create index run_alerts_next_try on run_alerts (next_try_at);

create function operation_runs_alert() returns trigger language plpgsql as $$
begin
    insert into run_alerts (run_id) values (new.id) on conflict do nothing;
    return null;
end
$$;

create trigger operation_runs_alert_of_update after update on operation_runs
    for each row
    when (new.status = 'completed' and old.status <> 'completed' and new.outcome in ('failed', 'partially_succeeded'))
    execute function operation_runs_alert();
create trigger operation_runs_alert_of_insert after insert on operation_runs
    for each row when (new.status = 'completed' and new.outcome in ('failed', 'partially_succeeded'))
    execute function operation_runs_alert();
