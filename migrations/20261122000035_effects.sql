-- What a version does, whatever the service wrote into it and in whichever way: two backups differ where these do. Versions
-- from before are compared by their content's hash.
alter table policy_versions add column effect_hash text;
