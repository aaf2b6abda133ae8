//! Signs: the sprite's symbols and the colours of channels.

use leptos::prelude::*;

/// A symbol of the sprite. It says nothing to a screen reader: text or a label stands beside it.
pub(crate) fn symbol(name: &'static str) -> impl IntoView {
    let html = format!("<use href=\"#i-{name}\"></use>");
    view! { <svg class="symbol" aria-hidden="true" inner_html=html></svg> }
}

/// The class of a channel's coloured dot: one of eight hues, always the same for a name.
pub(crate) fn hue(channel: &str) -> String {
    // FNV-1a, and the last steps of MurmurHash3: FNV alone says too little of the last letters in its high bits.
    let hash = channel.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let mixed = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xc2b2_ae35);
    format!("hue hue-{}", mixed >> 29)
}

#[cfg(test)]
mod tests {
    use super::hue;

    #[test]
    fn hues_are_stable_and_spread() {
        assert_eq!(hue("backups"), hue("backups"));
        let names = [
            "backups", "ci", "home", "tls", "deploys", "alerts", "cron", "media", "mail", "db",
        ];
        let distinct: std::collections::BTreeSet<_> = names.iter().map(|name| hue(name)).collect();
        assert!(distinct.len() >= 5, "{distinct:?}");
    }
}
