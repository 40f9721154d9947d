//! The server function of the settings. What its forms send is taken by the server itself: every answer is a whole new
//! page, as each of them may change how all of a page looks.

use domain::views::settings::Settings;
use leptos::prelude::*;

use crate::error::AppError;

/// The reader's settings.
#[server(name = ReadSettings, prefix = "/api", endpoint = "settings")]
pub async fn settings() -> Result<Settings, AppError> {
    let (caller, db) = crate::asking::asked()?;
    let session = use_context::<Option<services::access::SessionKey>>().flatten();
    Ok(services::settings::page(&caller, &db, session.as_ref()).await?)
}
