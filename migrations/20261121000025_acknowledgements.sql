-- Failures that somebody looks after already, so that what nobody has looked at yet stands out.

-- One row for each time that somebody acknowledged how an operation fails on a tenant. It is active until the operation
-- succeeds there or somebody takes it back; after that it is history.
create table trouble_acknowledgements (
    id bigint generated always as identity primary key,
    tenant_id bigint not null
        constraint trouble_acknowledgements_tenant_fkey references tenants (id) on delete cascade,
    type text not null constraint trouble_acknowledgements_type_shape check (type ~ '^[a-z][a-z_]*(\.[a-z][a-z_]*)+$'),
    code text not null constraint trouble_acknowledgements_code_shape check (code ~ '^[a-z]+([._][a-z]+)*$'),
    -- The run whose failure was looked at.
    run_id bigint not null
        constraint trouble_acknowledgements_run_fkey references operation_runs (id) on delete cascade,
    user_id bigint constraint trouble_acknowledgements_user_fkey references users (id) on delete set null,
    user_name text not null constraint trouble_acknowledgements_user_not_blank check (btrim(user_name) <> ''),
    note text constraint trouble_acknowledgements_note_is_a_short_line
        check (char_length(note) between 1 and 200 and note !~ '[[:cntrl:]]'),
    acknowledged_at timestamptz not null default now(),
    ended_at timestamptz,
    -- How it ended: by a run that succeeded, or because somebody took it back.
    resolved_by_run_id bigint
        constraint trouble_acknowledgements_resolving_run_fkey references operation_runs (id) on delete cascade,
    taken_back_by_id bigint constraint trouble_acknowledgements_taker_fkey references users (id) on delete set null,
    taken_back_by_name text,
    constraint trouble_acknowledgements_end_has_one_reason
        check (num_nonnulls(resolved_by_run_id, taken_back_by_name) = (ended_at is not null)::integer),
    constraint trouble_acknowledgements_taker_has_a_name check (taken_back_by_id is null or taken_back_by_name is not null)
);
create unique index trouble_acknowledgements_one_active on trouble_acknowledgements (tenant_id, type, code)
    where ended_at is null;
-- Whether a failure came back: the latest that was resolved.
create index trouble_acknowledgements_resolved on trouble_acknowledgements (tenant_id, type, code, id desc)
    where resolved_by_run_id is not null;
create index trouble_acknowledgements_run on trouble_acknowledgements (run_id);
create index trouble_acknowledgements_resolving_run on trouble_acknowledgements (resolved_by_run_id)
    where resolved_by_run_id is not null;

-- Added to, and ended once. A deleted tenant or run takes its own along, which comes from within another trigger.
create function trouble_acknowledgements_guard() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if pg_trigger_depth() > 1 then
            return old;
        end if;
    elsif (new.id, new.tenant_id, new.type, new.code, new.run_id, new.user_name, new.note, new.acknowledged_at)
            is not distinct from
            (old.id, old.tenant_id, old.type, old.code, old.run_id, old.user_name, old.note, old.acknowledged_at)
        and (old.ended_at is null
            or (new.ended_at, new.resolved_by_run_id, new.taken_back_by_name)
                is not distinct from (old.ended_at, old.resolved_by_run_id, old.taken_back_by_name)) then
        return new;
    end if;
    raise exception 'an acknowledgement is only added, and ended once'
        using errcode = 'restrict_violation', table = 'trouble_acknowledgements',
            constraint = 'trouble_acknowledgements_append_only';
end
$$;
create trigger trouble_acknowledgements_guard before update or delete on trouble_acknowledgements
    for each row execute function trouble_acknowledgements_guard();

create function trouble_acknowledgements_tell() returns trigger language plpgsql as $$
begin
    perform pg_notify('tenantatlas_changed', json_build_object('tenant', new.tenant_id)::text);
    return null;
end
$$;
create trigger trouble_acknowledgements_tell after insert or update on trouble_acknowledgements
    for each row execute function trouble_acknowledgements_tell();

-- A success that is the operation's last word on its tenant resolves what was acknowledged there, whoever ends the run,
-- and in the same transaction: whoever sees the success sees it resolved. One that ends after a run that was created
-- later is not the last word, so the failure still needs someone.
--
-- A row that is being added at that moment is not missed: an end holds its tenant's lock, and so does whoever
-- acknowledges, until the commit.
create function operation_runs_resolve_troubles() returns trigger language plpgsql as $$
begin
    update trouble_acknowledgements
    set ended_at = new.completed_at, resolved_by_run_id = new.id
    where tenant_id = new.tenant_id and type = new.type and ended_at is null
        and not exists (
            select from operation_runs later
            where later.tenant_id = new.tenant_id and later.type = new.type and later.status = 'completed'
                and later.created_at > new.created_at
        );
    return null;
end
$$;
create trigger operation_runs_resolve_troubles_of_update after update on operation_runs
    for each row when (new.outcome = 'succeeded' and old.status <> 'completed')
    execute function operation_runs_resolve_troubles();
create trigger operation_runs_resolve_troubles_of_insert after insert on operation_runs
    for each row when (new.outcome = 'succeeded')
    execute function operation_runs_resolve_troubles();

-- Whether single items of a run failed in one way.
create index operation_run_items_failed on operation_run_items (run_id, code) where state = 'failed';
