-- How each person reads and is told: theme, time zone, shortcuts, notifications; each tenant's time zone.

-- A person without a row has the defaults.
create table preferences (
    user_id bigint primary key constraint preferences_user_fkey references users (id) on delete cascade,
    theme text not null default 'system'
        constraint preferences_theme_known check (theme in ('system', 'light', 'dark')),
    zone text not null default 'utc'
        constraint preferences_zone_known check (zone in ('utc', 'browser', 'tenant')),
    -- An IANA name: pages are written on the server, which can not ask the browser.
    browser_zone text
        constraint preferences_browser_zone_short check (char_length(browser_zone) between 1 and 64),
    shortcuts boolean not null default true,
    notify_about text not null default 'everything'
        constraint preferences_notify_about_known check (notify_about in ('everything', 'endings', 'trouble')),
    constraint preferences_browser_zone_is_told check (zone <> 'browser' or browser_zone is not null)
);

alter table tenants add column time_zone text not null default 'UTC'
    constraint tenants_time_zone_short check (char_length(time_zone) between 1 and 64);

-- "Firefox on Windows": so that a person knows which session is which.
alter table sessions add column browser text
    constraint sessions_browser_short check (char_length(browser) <= 100);

-- The panel of a person's own active runs, on every page; tiny, as most runs have ended.
create index operation_runs_active_of_person on operation_runs (user_id, id)
    where status in ('queued', 'running') and user_id is not null;

-- What a person does not want to be told is never written, whoever would write it.
create function notifications_are_wanted() returns trigger language plpgsql as $$
declare
    about text;
begin
    select notify_about into about from preferences where user_id = new.user_id;
    if (about = 'endings' and new.event = 'queued') or (about = 'trouble' and new.event in ('queued', 'succeeded')) then
        return null;
    end if;
    return new;
end
$$;

create trigger notifications_are_wanted before insert on notifications
    for each row execute function notifications_are_wanted();
