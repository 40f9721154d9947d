-- How many policies of the restore refer to it, counted by the preview: a page that counted it would read all of them.
alter table restore_mappings add column used_by integer not null default 0
    constraint restore_mappings_used_by_not_negative check (used_by >= 0);

with used as (
    select i.restore_run_id, reference.id, count(distinct i.version_id) as times
    from restore_items i join policy_versions v on v.id = i.version_id,
    lateral (
        select one #>> '{}' as id from jsonb_path_query(i.assignments, '$.wanted[*].*') as one
        union all
        select one #>> '{}' from jsonb_path_query(i.assignments, '$.wanted_tags[*]') as one
        union all
        select one #>> '{}' from jsonb_path_query(
            case when v.kind = 'conditional_access' then v.content end, '$.conditions.users.*[*]') as one
    ) as reference
    group by i.restore_run_id, reference.id
)
update restore_mappings m set used_by = used.times
from used where used.restore_run_id = m.restore_run_id and used.id = m.source_id;
