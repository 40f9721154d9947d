//! Server functions of saved views: which there are, opening, saving, changing and deleting one.

use domain::{
    SavedViewId,
    views::saved_views::{CountedView, ViewToOpen},
};
use leptos::prelude::*;

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
        let query = of_query_string(&view.filters).and_then(|filters| filters.to_query());
        let runs = match query {
            Ok(query) if index < COUNTED => services::runs::how_many(&caller, &db, &query)
                .await
                .unwrap_or_default(),
            _ => None,
        };
        counted.push(CountedView { view, runs });
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

#[cfg(feature = "ssr")]
fn of_query_string(query: &str) -> Result<RunFilters, AppError> {
    use axum::{extract::Query, http::Uri};

    let refused = || AppError::invalid("filters", "they can't be read");
    let address: Uri = format!("/?{query}").parse().map_err(|_| refused())?;
    let Query(pairs) =
        Query::<Vec<(String, String)>>::try_from_uri(&address).map_err(|_| refused())?;
    Ok(RunFilters::from_pairs(&pairs))
}
