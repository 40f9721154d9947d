-- What the overview reads: counts of ended runs by day, the last good run of each operation, and how often one is expected.

-- A chart over weeks counts some dozen rows a tenant instead of every run. A run that has ended counts for the day (of
-- UTC) on which it was created, as the runs list is filtered by that.
create table operation_run_days (
    tenant_id bigint not null
        constraint operation_run_days_tenant_fkey references tenants (id) on delete cascade,
    day date not null,
    outcome text not null
        constraint operation_run_days_outcome_known check (outcome in ('succeeded', 'partially_succeeded', 'failed', 'cancelled')),
    runs integer not null constraint operation_run_days_runs_positive check (runs > 0),
    constraint operation_run_days_pkey primary key (tenant_id, day, outcome)
);

insert into operation_run_days (tenant_id, day, outcome, runs)
select tenant_id, (created_at at time zone 'UTC')::date, outcome, count(*)
from operation_runs where status = 'completed'
group by 1, 2, 3;

create function operation_runs_count_day() returns trigger language plpgsql as $$
begin
    insert into operation_run_days as known (tenant_id, day, outcome, runs)
    values (new.tenant_id, (new.created_at at time zone 'UTC')::date, new.outcome, 1)
    on conflict on constraint operation_run_days_pkey do update set runs = known.runs + 1;
    return null;
end
$$;

-- An ended run is final, so each is counted once.
create trigger operation_runs_count_day_of_update after update on operation_runs
    for each row when (new.status = 'completed' and old.status <> 'completed')
    execute function operation_runs_count_day();
create trigger operation_runs_count_day_of_insert after insert on operation_runs
    for each row when (new.status = 'completed')
    execute function operation_runs_count_day();

create index operation_runs_last_good on operation_runs (tenant_id, type, created_at desc)
    where outcome = 'succeeded';

-- How old the last good run of an operation may be on a tenant before it counts as overdue.
create table run_expectations (
    tenant_id bigint not null
        constraint run_expectations_tenant_fkey references tenants (id) on delete cascade,
    type text not null,
    since timestamptz not null default now(),
    within_hours integer not null
        constraint run_expectations_hours_bounds check (within_hours between 1 and 8784),
    constraint run_expectations_pkey primary key (tenant_id, type)
);

-- How much ended lately.
create index operation_runs_ended on operation_runs (completed_at desc) where status = 'completed';
