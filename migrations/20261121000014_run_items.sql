-- What stands behind a run's counts, which run it repeats, what was started together with it, and who joined it.

alter table operation_runs
    add column repeats_run_id bigint constraint operation_runs_repeats_fkey references operation_runs (id),
    -- Runs that one action started share it.
    add column batch_id uuid;
create index operation_runs_repeats on operation_runs (repeats_run_id) where repeats_run_id is not null;
create index operation_runs_batch on operation_runs (batch_id, id) where batch_id is not null;
-- Usual durations: the latest that succeeded.
create index operation_runs_succeeded on operation_runs (tenant_id, type, completed_at desc) where outcome = 'succeeded';

-- One row for each item that was counted: rows and counts are written in one transaction.
create table operation_run_items (
    id bigint generated always as identity primary key,
    run_id bigint not null constraint operation_run_items_run_fkey references operation_runs (id) on delete cascade,
    state text not null
        constraint operation_run_items_state_known check (state in ('succeeded', 'failed', 'skipped')),
    -- Of a policy: its kind's key.
    kind text,
    -- What Microsoft knows it by; null for a kind as a whole.
    item_id text,
    name text not null,
    -- What became of it: "new", "unchanged", "removed".
    note text,
    code text,
    message text constraint operation_run_items_message_short check (char_length(message) <= 200),
    constraint operation_run_items_failure_iff_failed
        check ((state = 'failed') = (code is not null) and (code is null) = (message is null))
);
create index operation_run_items_run on operation_run_items (run_id, id);
create index operation_run_items_state on operation_run_items (run_id, state, id);

-- "Notify me too": people who hear of the end of a run that somebody else started.
create table operation_run_followers (
    run_id bigint not null constraint operation_run_followers_run_fkey references operation_runs (id) on delete cascade,
    user_id bigint not null constraint operation_run_followers_user_fkey references users (id) on delete cascade,
    followed_at timestamptz not null default now(),
    constraint operation_run_followers_pkey primary key (run_id, user_id)
);

create function operation_run_followers_tell() returns trigger language plpgsql as $$
begin
    perform pg_notify('tenantatlas_changed', json_build_object('tenant', r.tenant_id, 'run', r.id)::text)
    from operation_runs r where r.id = coalesce(new.run_id, old.run_id);
    return null;
end
$$;

create trigger operation_run_followers_tell after insert or delete on operation_run_followers
    for each row execute function operation_run_followers_tell();

-- Still once for each stage of a run, but for each person that it is told to.
drop index notifications_once_per_stage;
create unique index notifications_once_per_stage on notifications (run_id, user_id, (event = 'queued'));
