//! Server functions of saved views: which there are, opening, saving, changing and deleting one.

use domain::{
    SavedViewId,
    views::saved_views::{CountedView, ViewToOpen},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use domain::views::runs::RunQuery;

#[cfg(feature = "ssr")]
use super::filters::RunFilters;
use crate::error::AppError;

/// How many views are counted each time; the others are listed without a number.
#[cfg(feature = "ssr")]
const COUNTED: usize = 20;

/// The reader's views and the team's, with how many runs each holds for this reader.
#[server(prefix = "/api", endpoint = "saved_views")]
pub async fn saved_views() -> Result<Vec<CountedView>, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let mut counted = Vec::new();
    for (index, view) in services::saved_views::list(&caller, &db)
        .await?
        .into_iter()
        .enumerate()
    {
        // What an earlier version kept may not be understood any more, and a tenant not be the reader's.
        let query = query_of(&view.filters);
        let runs = match &query {
            Some(query) if index < COUNTED => services::runs::how_many(&caller, &db, query)
                .await
                .unwrap_or_default(),
            _ => None,
        };
        counted.push(CountedView {
            view,
            runs,
            may_tell: query.is_some_and(|query| query.may_hold_ended()),
        });
    }
    Ok(counted)
}

/// The view that an address names, or the reader's default where it names none.
#[server(name = OpenView, prefix = "/api", endpoint = "view_to_open")]
pub async fn view_to_open(
    #[server(default)] view: Option<SavedViewId>,
) -> Result<ViewToOpen, AppError> {
    let (caller, db) = crate::asking::asked()?;
    Ok(services::saved_views::to_open(&caller, &db, view).await?)
}

/// Keeps filters under a name and goes to the list that they choose.
///
/// # Errors
/// `Invalid` for a name that is empty, too long or taken, for filters that are none or can't be understood.
#[server(prefix = "/api", endpoint = "save_view")]
pub async fn save_view(
    #[server(default)] name: String,
    #[server(default)] filters: String,
    #[server(default)] scope: Option<String>,
) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    let filters = of_query_string(&filters).map_err(crate::error::answer_with)?;
    filters.to_query().map_err(crate::error::answer_with)?;
    let scope = scope.as_deref().unwrap_or("mine");
    let scope = scope
        .parse()
        .map_err(|error| crate::error::answer_with(AppError::invalid("scope", error)))?;
    let kept = filters.query_string();
    let view = services::saved_views::save(&caller, &db, &name, &kept, scope).await?;
    leptos_axum::redirect(&format!("/runs?{kept}&view={view}"));
    Ok(())
}

/// Renames a view, offers it to the team or takes it back, makes it the default or an ordinary one again.
#[server(prefix = "/api", endpoint = "change_view")]
pub async fn change_view(
    view: SavedViewId,
    #[server(default)] name: Option<String>,
    #[server(default)] scope: Option<String>,
    #[server(default)] default: Option<bool>,
) -> Result<(), AppError> {
    use services::saved_views::Change;

    let (caller, db) = crate::asking::asked()?;
    let change = match (name, scope, default) {
        (Some(name), _, _) => Change::Name(name),
        (None, Some(scope), _) => Change::Scope(
            scope
                .parse()
                .map_err(|error| crate::error::answer_with(AppError::invalid("scope", error)))?,
        ),
        (None, None, Some(default)) => Change::Default(default),
        (None, None, None) => {
            let why = AppError::invalid("name", "nothing says what to change");
            return Err(crate::error::answer_with(why));
        }
    };
    services::saved_views::change(&caller, &db, view, &change).await?;
    leptos_axum::redirect("/runs/views");
    Ok(())
}

#[server(prefix = "/api", endpoint = "delete_view")]
pub async fn delete_view(view: SavedViewId) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    services::saved_views::delete(&caller, &db, view).await?;
    leptos_axum::redirect("/runs/views");
    Ok(())
}

/// Tells the reader from now on when a run ends that the view holds, or does not any more. Goes to the view where it was
/// pressed there, else to the list of views.
///
/// # Errors
/// `NotFound` for a view that the reader is not offered; `Invalid` for one that holds no run that has ended, or past the
/// most views that one may be told of.
#[server(prefix = "/api", endpoint = "watch_view")]
pub async fn watch_view(
    view: SavedViewId,
    told: bool,
    #[server(default)] open: bool,
) -> Result<(), AppError> {
    let (caller, db) = crate::asking::asked()?;
    match told {
        true => services::saved_views::subscribe(&caller, &db, view, query_of).await?,
        false => services::saved_views::unsubscribe(&caller, &db, view).await?,
    }
    match open {
        true => leptos_axum::redirect(&format!("/runs?view={view}")),
        false => leptos_axum::redirect("/runs/views"),
    }
    Ok(())
}

/// What a view's query string asks for; none for what this version does not understand.
#[cfg(feature = "ssr")]
pub fn query_of(filters: &str) -> Option<RunQuery> {
    of_query_string(filters).ok()?.to_query().ok()
}

#[cfg(feature = "ssr")]
fn of_query_string(query: &str) -> Result<RunFilters, AppError> {
    use axum::{extract::Query, http::Uri};

    let refused = || AppError::invalid("filters", "they can't be read");
    let address: Uri = format!("/?{query}").parse().map_err(|_| refused())?;
    let Query(pairs) =
        Query::<Vec<(String, String)>>::try_from_uri(&address).map_err(|_| refused())?;
    Ok(RunFilters::from_pairs(&pairs))
}
