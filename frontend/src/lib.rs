//! The browser's entry: takes over the page that the server rendered.

/// Called once by the script in the page's head, after the module has loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
