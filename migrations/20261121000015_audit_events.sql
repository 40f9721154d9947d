-- Who did what, when, from where, with which result. Added to, never changed.

-- No foreign keys: an event outlives the people and tenants that it names, so it keeps their names, and a deleted
-- tenant takes no history with it.
create table audit_events (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    -- Null for commands and for somebody who was not signed in.
    actor_id bigint,
    actor_name text not null,
    tenant_id bigint,
    tenant_name text,
    action text not null constraint audit_events_action_is_dotted check (action ~ '^[a-z_]+(\.[a-z_]+)*$'),
    subject_kind text,
    subject_id bigint,
    subject text,
    result text not null constraint audit_events_result_known check (result in ('done', 'refused')),
    reason text,
    means text not null constraint audit_events_means_known check (means in ('session', 'token', 'command')),
    address inet,
    constraint audit_events_reason_of_refusal check ((result = 'refused') = (reason is not null))
);
-- The log is read newest first, by tenant or by person, with or without one action.
create index audit_events_tenant on audit_events (tenant_id, id);
create index audit_events_tenant_action on audit_events (tenant_id, action, id);
create index audit_events_tenant_actor on audit_events (tenant_id, actor_id, id);
create index audit_events_actor on audit_events (actor_id, id);
-- What was done to somebody's own account.
create index audit_events_person on audit_events (subject_id, id) where subject_kind = 'person';

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception 'audit_events is only added to' using errcode = 'restrict_violation', constraint = 'audit_events_append_only';
end
$$;
create trigger audit_events_append_only
    before update or delete or truncate on audit_events
    for each statement execute function refuse_audit_change();
