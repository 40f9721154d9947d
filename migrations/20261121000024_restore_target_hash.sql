-- What the preview saw in the tenant of a policy that is to be updated, so that an execution overwrites nothing else.

alter table restore_items add column target_hash text
    constraint restore_items_target_hash_shape check (target_hash ~ '^[0-9a-f]{64}$');
