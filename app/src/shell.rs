//! The document around every page.

use crate::{App, csp, page::PageContext, place::Place, text};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;
use leptos_router::location::RequestUrl;

/// The symbols that `<use href="#i-…">` shows.
const SPRITE: &str = include_str!("components/sprite.svg");

/// The document of the page that is asked for.
pub fn shell() -> AnyView {
    csp::send();
    let assets = use_context::<PageContext>().unwrap_or_default().assets;
    let live = use_context::<RequestUrl>()
        .and_then(|url| url.parse().ok())
        .is_some_and(|url| Place::at(url.path()).is_some());
    let code = assets.script.zip(assets.wasm).filter(|_| live);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#15181f" />
                {assets.style.map(|href| view! { <link rel="stylesheet" href=href /> })}
                {code.map(|(script, wasm)| view! { <Code script wasm /> })}
                <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
                <link rel="apple-touch-icon" href="/apple-touch-icon.png" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <meta name="application-name" content=text::BRAND />
                <MetaTags />
            </head>
            <body>
                <App />
                <svg class="sprite" aria-hidden="true" inner_html=SPRITE></svg>
            </body>
        </html>
    }
    .into_any()
}

/// Loads the page's code beside the document and starts it once both are there.
#[component]
fn Code(script: String, wasm: String) -> impl IntoView {
    let start = format!(
        "import start, {{ hydrate }} from {script:?};\nawait start({{ module_or_path: {wasm:?} }});\nhydrate();"
    );
    let start = start.replace('<', "\\u003c");
    view! {
        <link rel="modulepreload" href=script nonce=use_nonce() />
        <link rel="preload" r#as="fetch" r#type="application/wasm" crossorigin="" href=wasm />
        <script type="module" nonce=use_nonce() inner_html=start></script>
    }
}
