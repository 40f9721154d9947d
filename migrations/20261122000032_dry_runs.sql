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

-- As before, but for the columns that are made from others.
create or replace function operation_runs_guard() returns trigger language plpgsql as $$
declare
    -- Before an update they are not made yet; they can't change unless what they are made from does.
    made constant text[] := array['failure_text', 'dry_run'];
    ranks constant text[] := array['queued', 'running', 'completed'];
begin
    if tg_op = 'UPDATE' then
        if old.status = 'completed' then
            if to_jsonb(new) - made is distinct from to_jsonb(old) - made then
                raise exception 'operation run % has ended and can not change', old.id
                    using errcode = 'check_violation', table = 'operation_runs',
                        constraint = 'operation_runs_completed_is_final';
            end if;
            return new;
        end if;
        if array_position(ranks, new.status) < array_position(ranks, old.status) then
            raise exception 'operation run % can not go back from % to %', old.id, old.status, new.status
                using errcode = 'check_violation', table = 'operation_runs',
                    constraint = 'operation_runs_only_forward';
        end if;
        if (new.id, new.tenant_id, new.type, new.run_identity_hash, new.created_at, new.initiator_name)
            is distinct from
            (old.id, old.tenant_id, old.type, old.run_identity_hash, old.created_at, old.initiator_name)
            or new.user_id is distinct from old.user_id
            or (old.started_at is not null and new.started_at is distinct from old.started_at) then
            raise exception 'operation run % can not change what it is', old.id
                using errcode = 'check_violation', table = 'operation_runs',
                    constraint = 'operation_runs_identity_is_fixed';
        end if;
        new.updated_at := now();
    end if;
    -- The database holds the clock, for writers in plain SQL too.
    if new.status = 'running' then
        new.started_at := coalesce(new.started_at, now());
    end if;
    if new.status = 'completed' then
        new.completed_at := coalesce(new.completed_at, now());
        new.lease_token := null;
        new.lease_expires_at := null;
        new.retry_at := null;
        new.throttled_until := null;
    end if;
    if new.status <> 'queued' then
        new.parked_at := null;
    end if;
    return new;
end
$$;
