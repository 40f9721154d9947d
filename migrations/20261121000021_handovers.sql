-- Links that show one run, without its people, to whoever has them, until they expire.

create table run_handovers (
    id bigint generated always as identity primary key,
    run_id bigint not null constraint run_handovers_run_fkey references operation_runs (id) on delete cascade,
    -- The token itself is only in the link.
    token_hash bytea not null constraint run_handovers_token_unique unique,
    user_id bigint constraint run_handovers_user_fkey references users (id) on delete set null,
    user_name text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null constraint run_handovers_expires_later check (expires_at > created_at)
);
create index run_handovers_run on run_handovers (run_id, id);
