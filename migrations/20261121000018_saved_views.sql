-- Filters of the runs list under a name, and what was done with several selected runs at once.

create table saved_views (
    id bigint generated always as identity primary key,
    owner_id bigint not null constraint saved_views_owner_fkey references users (id) on delete cascade,
    name text not null
        constraint saved_views_name_length check (name = btrim(name) and char_length(name) between 1 and 60),
    -- The list's query string. It grants nothing: whoever opens the view sees what their own rights show.
    filters text not null constraint saved_views_filters_length check (char_length(filters) between 1 and 1000),
    scope text not null default 'mine' constraint saved_views_scope_known check (scope in ('mine', 'team')),
    -- The list that opens for its owner where no filter is given.
    is_default boolean not null default false,
    created_at timestamptz not null default now()
);
create unique index saved_views_name_unique on saved_views (owner_id, lower(name));
create unique index saved_views_one_default on saved_views (owner_id) where is_default;
create index saved_views_team on saved_views (lower(name)) where scope = 'team';

create table run_batches (
    id uuid primary key,
    user_id bigint not null constraint run_batches_user_fkey references users (id) on delete cascade,
    action text not null constraint run_batches_action_known check (action in ('again', 'follow')),
    created_at timestamptz not null default now()
);
create index run_batches_user on run_batches (user_id, created_at);

-- The exact set, written before anything is done with it; then what became of each.
create table run_batch_items (
    batch_id uuid not null constraint run_batch_items_batch_fkey references run_batches (id) on delete cascade,
    run_id bigint not null constraint run_batch_items_run_fkey references operation_runs (id) on delete cascade,
    result text not null default 'not_done'
        constraint run_batch_items_result_known
        check (result in ('not_done', 'started', 'already_active', 'following', 'refused')),
    -- The run that was started, or was active already.
    answer_run_id bigint constraint run_batch_items_answer_fkey references operation_runs (id) on delete cascade,
    reason text constraint run_batch_items_reason_iff_refused check ((reason is not null) = (result = 'refused')),
    constraint run_batch_items_pkey primary key (batch_id, run_id)
);
create index run_batch_items_run on run_batch_items (run_id);
create index run_batch_items_answer on run_batch_items (answer_run_id) where answer_run_id is not null;
