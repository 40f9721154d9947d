-- How a person's pages write dates: by the browser's language, or always the same way.
alter table preferences add column dates text not null default 'language'
    constraint preferences_dates_known check (dates in ('language', 'iso', 'dotted', 'day_first', 'month_first'));
