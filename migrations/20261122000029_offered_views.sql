-- Who is offered a saved view: whoever made it, and the team, as long as they share a tenant.

create function is_offered(reader bigint, view saved_views) returns boolean language sql stable
return view.owner_id = reader or (view.scope = 'team' and shares_a_tenant(reader, view.owner_id));
