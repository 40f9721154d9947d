-- When a policy began to be written that may have been created without being recorded: whoever is to create the same one
-- waits until a listing would show it.
alter table restore_items add column writing_since timestamptz;
update restore_items set writing_since = now() where state = 'writing' and result_graph_id is null;
create index restore_items_maybe_created on restore_items (writing_since)
    where writing_since is not null and result_graph_id is null;
