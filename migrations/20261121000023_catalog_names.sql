-- What Microsoft calls the settings of its catalog and their options: the same in every tenant, learnt from captures.

create table catalog_names (
    id text constraint catalog_names_pkey primary key,
    name text not null
);
