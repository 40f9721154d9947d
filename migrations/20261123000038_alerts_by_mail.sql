-- Two places outside can be told of a run that did not succeed, each by itself: a web address and a mailbox.
alter table run_alerts
    add column place text not null default 'web' constraint run_alerts_place_known check (place in ('web', 'mail'));
alter table run_alerts alter column place drop default;
alter table run_alerts drop constraint run_alerts_pkey;
alter table run_alerts add constraint run_alerts_pkey primary key (run_id, place);

create or replace function operation_runs_alert() returns trigger language plpgsql as $$
begin
    insert into run_alerts (run_id, place) values (new.id, 'web'), (new.id, 'mail') on conflict do nothing;
    return null;
end
$$;
