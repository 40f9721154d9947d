-- When somebody took a run of a batch to do it, so that two who continue the same batch share its runs.
alter table run_batch_items add column taken_at timestamptz;

-- Whether two people look after a tenant together: only then are they of one team.
create function shares_a_tenant(one bigint, other bigint) returns boolean
    language sql stable
    return exists (
        select from memberships a join memberships b on b.tenant_id = a.tenant_id
        where a.user_id = one and b.user_id = other
    );

-- "What of mine failed" among very many that went well.
create index operation_runs_tenant_user_bad_created on operation_runs (tenant_id, user_id, outcome, created_at)
    include (id, type) where outcome in ('failed', 'partially_succeeded');
