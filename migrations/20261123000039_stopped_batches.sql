-- Whoever began an action with several runs can stop it: what is not begun then is not begun until they say so.
alter table run_batches add column stopped_at timestamptz;
