-- What the runs list reads: each filter's runs newest first, without looking at a run that does not match.

-- The columns that are included let a page be found in the index alone; only its own rows are then fetched.
drop index operation_runs_tenant_created;
create index operation_runs_tenant_created on operation_runs (tenant_id, created_at) include (id, status);
drop index operation_runs_tenant_type_created;
create index operation_runs_tenant_type_created on operation_runs (tenant_id, type, created_at) include (id, status);
create index operation_runs_tenant_outcome_created on operation_runs (tenant_id, outcome, created_at) include (id);
create index operation_runs_tenant_type_outcome_created on operation_runs (tenant_id, type, outcome, created_at) include (id);
-- What people start by hand stays few enough to be filtered further within the index.
create index operation_runs_tenant_user_created on operation_runs (tenant_id, user_id, created_at)
    include (id, type, status, outcome);
-- Where a text is looked for; most runs have no failure.
create index operation_runs_failed_created on operation_runs (created_at) include (id, tenant_id)
    where failure_summary is not null;

-- Who has started runs of which tenant: the choices of a filter, and what a text is compared with instead of every run.
create table run_initiators (
    tenant_id bigint not null constraint run_initiators_tenant_fkey references tenants (id) on delete cascade,
    user_id bigint not null constraint run_initiators_user_fkey references users (id) on delete cascade,
    name text not null,
    constraint run_initiators_pkey primary key (tenant_id, user_id, name)
);

insert into run_initiators (tenant_id, user_id, name)
select distinct tenant_id, user_id, initiator_name from operation_runs where user_id is not null;

create function operation_runs_remember_initiator() returns trigger language plpgsql as $$
begin
    insert into run_initiators (tenant_id, user_id, name) values (new.tenant_id, new.user_id, new.initiator_name)
    on conflict on constraint run_initiators_pkey do nothing;
    return null;
end
$$;

create trigger operation_runs_remember_initiator after insert on operation_runs
    for each row when (new.user_id is not null)
    execute function operation_runs_remember_initiator();
