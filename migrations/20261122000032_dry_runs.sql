-- A rehearsal of a restore writes nothing: it is called what it is, and says nothing of how the tenant's last restore ended.
alter table operation_runs
    add column dry_run boolean not null generated always as (coalesce(context @> '{"dry_run": true}', false)) stored;

create or replace function operation_runs_resolve_troubles() returns trigger language plpgsql as $$
begin
    update trouble_acknowledgements
    set ended_at = new.completed_at, resolved_by_run_id = new.id
    where tenant_id = new.tenant_id and type = new.type and ended_at is null and not new.dry_run
        and not exists (
            select from operation_runs later
            where later.tenant_id = new.tenant_id and later.type = new.type and later.status = 'completed'
                and later.created_at > new.created_at and not later.dry_run
        );
    return null;
end
$$;
