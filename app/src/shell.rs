//! The HTML document around the app: head, styles, and the script that wakes it up in the browser.

use domain::preferences::{Looks, Theme};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::App;

/// Where the browser finds the built files, as absolute paths. An empty one is left out: the page works without it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    pub css: String,
}

/// The whole document. The script carries the request's nonce, as the content security policy asks for.
pub fn shell(assets: Assets) -> impl IntoView {
    let Assets { js, wasm, css } = assets;
    // On the document itself, so that the first pixel has the right colour.
    let (theme, scheme) = match use_context::<Looks>().map(|looks| looks.theme) {
        Some(Theme::Light) => (Some("light"), "light"),
        Some(Theme::Dark) => (Some("dark"), "dark"),
        Some(Theme::System) | None => (None, "light dark"),
    };
    let scripted = !js.is_empty() && !wasm.is_empty();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content=scheme />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                {(!css.is_empty()).then(|| view! { <link rel="stylesheet" href=css /> })}
                {scripted.then(|| wake_up(js, wasm))}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

fn wake_up(js: String, wasm: String) -> impl IntoView {
    // {:?} quotes as JavaScript does for the plain paths that these are. The page is painted before the large part of the
    // script is fetched, which else competes with it on a slow line; a tab in the background paints nothing, so not for
    // ever. Waking up is long enough for one task: the browser may paint, and answer a key, before it.
    let script = format!(
        "import init, {{ hydrate }} from {js:?}; \
         await new Promise((painted) => {{ requestAnimationFrame(() => setTimeout(painted)); setTimeout(painted, 300); }}); \
         await init({{ module_or_path: {wasm:?} }}); setTimeout(hydrate);"
    );
    view! {
        <link rel="modulepreload" href=js nonce=use_nonce() />
        <script type="module" nonce=use_nonce()>
            {script}
        </script>
    }
}
