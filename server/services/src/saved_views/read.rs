//! The views that a person is offered, and the one that an address names.

use domain::{
    SavedViewId,
    views::saved_views::{SavedView, ViewToOpen},
};
use sqlx::FromRow;

use crate::{Caller, Db, ServiceError};

/// The most views of others that are listed.
const MOST_OF_TEAM: i64 = 100;

#[derive(FromRow)]
struct ViewRecord {
    id: SavedViewId,
    name: String,
    filters: String,
    scope: String,
    own: bool,
    owner_name: String,
    is_default: bool,
    told: bool,
}

impl ViewRecord {
    fn into_view(self) -> Result<SavedView, ServiceError> {
        Ok(SavedView {
            id: self.id,
            name: self.name,
            filters: self.filters,
            scope: self
                .scope
                .parse()
                .map_err(|_| ServiceError::Internal(format!("unknown scope {}", self.scope)))?,
            own: self.own,
            owner_name: self.owner_name,
            is_default: self.own && self.is_default,
            told: self.told,
        })
    }
}

macro_rules! select_views {
    ($rest:literal) => {
        concat!(
            "select v.id, v.name, v.filters, v.scope, v.owner_id = $1 as own, u.name as owner_name, v.is_default,
                    exists (select from view_subscriptions s where s.view_id = v.id and s.user_id = $1) as told
             from saved_views v join users u on u.id = v.owner_id ",
            $rest
        )
    };
}

/// The caller's own views by name, then the team's.
pub async fn list(caller: &Caller, db: &Db) -> Result<Vec<SavedView>, ServiceError> {
    let own = select_views!("where v.owner_id = $1 order by lower(v.name), v.id");
    let of_team = select_views!(
        "where v.scope = 'team' and v.owner_id <> $1 and is_offered($1, v) order by lower(v.name), v.id limit $2"
    );
    let mut found: Vec<ViewRecord> = sqlx::query_as(own)
        .bind(caller.user_id)
        .fetch_all(&db.pool)
        .await?;
    let others: Vec<ViewRecord> = sqlx::query_as(of_team)
        .bind(caller.user_id)
        .bind(MOST_OF_TEAM)
        .fetch_all(&db.pool)
        .await?;
    found.extend(others);
    found.into_iter().map(ViewRecord::into_view).collect()
}

/// The view with this number, or the caller's default where none is named.
pub async fn to_open(
    caller: &Caller,
    db: &Db,
    view: Option<SavedViewId>,
) -> Result<ViewToOpen, ServiceError> {
    let found = match view {
        Some(view) => visible(caller, db, view).await?,
        None => {
            let found: Option<ViewRecord> =
                sqlx::query_as(select_views!("where v.owner_id = $1 and v.is_default"))
                    .bind(caller.user_id)
                    .fetch_optional(&db.pool)
                    .await?;
            found.map(ViewRecord::into_view).transpose()?
        }
    };
    Ok(match (found, view) {
        (Some(found), _) => ViewToOpen::View(found),
        (None, Some(_)) => ViewToOpen::Gone,
        (None, None) => ViewToOpen::AsAsked,
    })
}

/// The view with this number, if the caller is offered it.
pub(super) async fn visible(
    caller: &Caller,
    db: &Db,
    view: SavedViewId,
) -> Result<Option<SavedView>, ServiceError> {
    let found: Option<ViewRecord> =
        sqlx::query_as(select_views!("where v.id = $2 and is_offered($1, v)"))
            .bind(caller.user_id)
            .bind(view)
            .fetch_optional(&db.pool)
            .await?;
    found.map(ViewRecord::into_view).transpose()
}
