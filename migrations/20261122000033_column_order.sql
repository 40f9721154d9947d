-- The order of the runs list's columns; those that are not named follow as they always did.
alter table preferences add column column_order text[] not null default '{}'
    constraint preferences_column_order_known
    check (column_order <@ array['tenant', 'started_by', 'progress', 'items', 'created', 'took']);
