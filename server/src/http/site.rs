//! The built browser part: files with a hash in their name, compressed beforehand, kept by browsers for a year.

use std::path::{Path, PathBuf};

use app::Assets;
use axum::{
    Router,
    http::{HeaderValue, Response, header},
};
use serde::Deserialize;
use tower_http::{
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

/// Where the build put things.
#[derive(Debug)]
pub struct Site {
    dir: PathBuf,
    manifest: Manifest,
}

/// File names under `pkg/`, as the build writes them.
#[derive(Debug, Clone, Default, Deserialize)]
struct Manifest {
    js: String,
    wasm: String,
    css: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the browser part is not built: {0} can't be read; run `make build`, or set --site-dir")]
pub struct NotBuilt(String);

impl Site {
    /// Reads the manifest of a built site.
    pub fn open(dir: &Path) -> Result<Self, NotBuilt> {
        let path = dir.join("manifest.json");
        let not_built = || NotBuilt(path.display().to_string());
        let text = std::fs::read_to_string(&path).map_err(|_| not_built())?;
        Ok(Self {
            dir: dir.to_owned(),
            manifest: serde_json::from_str(&text).map_err(|_| not_built())?,
        })
    }

    /// A site without a browser part: pages work as they do without JavaScript.
    pub fn none() -> Self {
        Self {
            dir: PathBuf::from("/nonexistent"),
            manifest: Manifest::default(),
        }
    }

    pub(super) fn assets(&self) -> Assets {
        let path = |name: &str| match name {
            "" => String::new(),
            name => format!("/pkg/{name}"),
        };
        Assets {
            js: path(&self.manifest.js),
            wasm: path(&self.manifest.wasm),
            css: path(&self.manifest.css),
        }
    }

    pub(super) fn routes(&self) -> Router {
        let files = ServeDir::new(self.dir.join("pkg"))
            .precompressed_br()
            .precompressed_gzip();
        let a_day = HeaderValue::from_static("public, max-age=86400");
        let pkg = Router::new()
            .fallback_service(files)
            .layer(SetResponseHeaderLayer::overriding(
                header::CACHE_CONTROL,
                forever_if_found,
            ));
        let icon = Router::new()
            .route_service("/favicon.svg", ServeFile::new(self.dir.join("favicon.svg")))
            .layer(SetResponseHeaderLayer::overriding(
                header::CACHE_CONTROL,
                a_day,
            ));
        Router::new().nest("/pkg", pkg).merge(icon)
    }
}

/// A name that is missing now may exist after the next deployment, so its absence is not kept.
fn forever_if_found<B>(response: &Response<B>) -> Option<HeaderValue> {
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.status().is_success().then_some(forever)
}
