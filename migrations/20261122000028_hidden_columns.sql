-- Columns of the runs list that a person leaves out.
alter table preferences add column hidden_columns text[] not null default '{}'
    constraint preferences_hidden_columns_known
    check (hidden_columns <@ array['tenant', 'started_by', 'progress', 'items', 'created', 'took']);
