-- Policies chosen in the inventory: exports are sets of their own, to be downloaded.

alter table backup_sets drop constraint backup_sets_origin_known;
alter table backup_sets add constraint backup_sets_origin_known
    check (origin in ('manual', 'schedule', 'import', 'export', 'before_delete'));
