-- Imported backup sets: what came of each file, also of those that are no policies.

create table backup_import_files (
    backup_set_id bigint not null
        constraint backup_import_files_set_fkey references backup_sets (id) on delete cascade,
    -- In the order in which they were read; a file with several policies has as many lines.
    position integer not null constraint backup_import_files_position_bounds check (position >= 0),
    file_name text not null
        constraint backup_import_files_name_shape check (file_name <> '' and char_length(file_name) <= 200),
    verdict text not null
        constraint backup_import_files_verdict_known
            check (verdict in ('imported', 'duplicate', 'not_a_policy', 'unsupported', 'unreadable')),
    kind text,
    policy_name text constraint backup_import_files_policy_bounds check (char_length(policy_name) <= 200),
    reason text constraint backup_import_files_reason_bounds check (char_length(reason) <= 200),
    version_id bigint constraint backup_import_files_version_fkey references policy_versions (id) on delete set null,
    constraint backup_import_files_pkey primary key (backup_set_id, position),
    constraint backup_import_files_version_of_imported check (version_id is null or verdict = 'imported'),
    constraint backup_import_files_reason_of_others check (verdict = 'imported' or reason is not null)
);
create index backup_import_files_version on backup_import_files (version_id) where version_id is not null;
