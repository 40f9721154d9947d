-- A run that repeats another is shown on that one's page, which has to hear of it.
create or replace function operation_runs_tell() returns trigger language plpgsql as $$
begin
    perform pg_notify('tenantatlas_changed', json_build_object('tenant', new.tenant_id, 'run', new.id)::text);
    if tg_op = 'INSERT' and new.repeats_run_id is not null then
        perform pg_notify('tenantatlas_changed', json_build_object('tenant', new.tenant_id, 'run', new.repeats_run_id)::text);
    end if;
    return null;
end
$$;
