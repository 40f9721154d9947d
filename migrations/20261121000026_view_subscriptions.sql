-- "Tell me about new ones": who is told when a run ends that a saved view holds.

create table view_subscriptions (
    view_id bigint not null constraint view_subscriptions_view_fkey references saved_views (id) on delete cascade,
    user_id bigint not null constraint view_subscriptions_user_fkey references users (id) on delete cascade,
    -- What ended before is not told.
    created_at timestamptz not null default now(),
    constraint view_subscriptions_pkey primary key (view_id, user_id)
);
create index view_subscriptions_user on view_subscriptions (user_id);

-- Runs that have ended and were not compared with the views yet. Written with the end itself, so a run is here as soon as
-- others see that it has ended, however late that is, and until somebody has dealt with it.
create table ended_runs_untold (
    run_id bigint constraint ended_runs_untold_pkey primary key
        constraint ended_runs_untold_run_fkey references operation_runs (id) on delete cascade
);

create function operation_runs_tell_views() returns trigger language plpgsql as $$
begin
    if exists (select from view_subscriptions) then
        insert into ended_runs_untold (run_id) values (new.id) on conflict do nothing;
    end if;
    return null;
end
$$;

create trigger operation_runs_tell_views_of_update after update on operation_runs
    for each row when (new.status = 'completed' and old.status <> 'completed')
    execute function operation_runs_tell_views();
create trigger operation_runs_tell_views_of_insert after insert on operation_runs
    for each row when (new.status = 'completed')
    execute function operation_runs_tell_views();

-- Why somebody is told of a run that is neither theirs nor followed; and many at once share a line.
alter table notifications
    add column view_id bigint constraint notifications_view_fkey references saved_views (id) on delete set null,
    add column digest_id uuid;
create index notifications_of_view on notifications (view_id, user_id, id) where view_id is not null;
create index notifications_of_digest on notifications (digest_id, id) where digest_id is not null;
