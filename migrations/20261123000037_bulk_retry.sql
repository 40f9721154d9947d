-- Several runs at once can be retried, too: only what failed in each.
alter table run_batches drop constraint run_batches_action_known;
alter table run_batches add constraint run_batches_action_known check (action in ('again', 'retry', 'follow'));
