//! What a page may run, and what becomes of text that would like to be more than text.

use super::html::Page;
use super::{data, rows};
use crate::support::TestApp;
use crate::support::people::Answer;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What each page's policy must forbid: everything that is neither ours nor marked with this answer's nonce.
fn nonce_of(page: &str, answer: &Answer) -> String {
    let policy = answer.header("content-security-policy");
    let directive = |name: &str| {
        let found = policy
            .split(';')
            .map(str::trim)
            .find_map(|part| part.strip_prefix(name));
        found
            .unwrap_or_else(|| panic!("{page}: no {name} in {policy}"))
            .trim()
            .to_owned()
    };
    assert!(!policy.contains("unsafe-inline"), "{page}: {policy}");
    assert!(
        !policy
            .replace("wasm-unsafe-eval", "")
            .contains("unsafe-eval"),
        "{page}: {policy}"
    );
    for (name, value) in [
        ("default-src", "'self'"),
        ("object-src", "'none'"),
        ("base-uri", "'none'"),
        ("frame-ancestors", "'none'"),
        ("form-action", "'self'"),
    ] {
        assert_eq!(directive(name), value, "{page}");
    }
    let sources = directive("script-src");
    let nonce = sources
        .split('\'')
        .find_map(|source| source.strip_prefix("nonce-"));
    nonce
        .unwrap_or_else(|| panic!("{page}: {policy}"))
        .to_owned()
}

/// Every script of a page is data or has the nonce, and nothing else runs.
fn runs_only_its_own(page: &str, answer: &Answer) -> String {
    let nonce = nonce_of(page, answer);
    assert!(nonce.len() >= 22, "{page}: {nonce} can be guessed");
    for element in Page::parse(&answer.text).elements() {
        let is_data = element.get("type") == Some("application/json");
        let runs = element.name == "script" && !is_data;
        assert!(
            !runs || element.get("nonce") == Some(&nonce),
            "{page}: {element:?}"
        );
        assert!(
            !["iframe", "object", "embed", "base", "style"].contains(&&*element.name),
            "{page}: {element:?}"
        );
        for (name, value) in &element.attributes {
            assert!(
                !name.starts_with("on") && name != "style",
                "{page}: {element:?}"
            );
            let leads = ["href", "src", "action", "formaction"].contains(&&**name);
            let local = value.is_empty() || value.starts_with(['/', '#', '?']);
            assert!(!leads || local, "{page}: {element:?}");
        }
    }
    for (name, value) in [
        ("cache-control", "private, no-cache"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(answer.header(name), value, "{page}");
    }
    nonce
}

#[tokio::test]
async fn every_page_runs_its_own_code_and_no_other() {
    let app = TestApp::start().await;
    let anyone = app.anyone();
    let mut pages = vec![("set-up", anyone.get("/setup").await)];
    let root = app.admin().await;
    root.publish(json!({"channel": "ci", "title": "t", "message": "m"}))
        .await;
    let wrong = anyone
        .request(Method::POST, "/login")
        .form(&[("username", "x")]);
    pages.extend([
        ("set-up, closed", anyone.get("/setup").await),
        ("sign-in", anyone.get("/login").await),
        ("sign-in, again", anyone.get("/login").await),
        ("sign-in, refused", anyone.send(wrong).await),
        ("nowhere", anyone.get("/no/where").await),
        ("inbox", root.get("/").await),
        ("inbox, again", root.get("/").await),
        ("archive", root.get("/archive").await),
    ]);
    let nonces: BTreeSet<_> = pages
        .iter()
        .map(|(page, answer)| runs_only_its_own(page, answer))
        .collect();
    assert_eq!(nonces.len(), pages.len(), "a nonce is good for one answer");
}

/// Text that would like to be an element, an attribute, a script, the end of one, or a character of ours.
const HOSTILE: [&str; 12] = [
    "</script><script>alert(1)</script>",
    "<script>alert(1)</script>",
    "<!--<script>",
    "--><svg onload=alert(1)>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "</title><b>",
    "</textarea></bdi></article><form action=//evil.example>",
    "&lt;b&gt;&amp;quot;&#60;",
    "{{constructor.constructor('alert(1)')()}}\\u003c/script>",
    "<a href=javascript:alert(1)>\u{FF1C}b\u{FF1E}",
];

/// A page's elements with the names of their attributes: what text must never change.
fn shape(page: &Page) -> Vec<String> {
    let shape = page.elements().map(|element| {
        let names: Vec<_> = element
            .attributes
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        format!("{} {}", element.name, names.join(" "))
    });
    shape.collect()
}

/// A notification with `text` in every field that is shown.
fn everywhere(text: &str) -> Value {
    let tag: String = text.chars().take(64).collect();
    json!({
        "channel": "ci", "title": text, "message": format!("{text}\n{text}"), "tags": [tag],
        "actions": [{"label": tag, "url": "https://e.example/"}], "click": "https://c.example/",
        "key": "k", "append": text, "progress": 4, "state": "running",
    })
}

#[tokio::test]
async fn nothing_that_somebody_wrote_becomes_an_element() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    root.publish(everywhere("harmless")).await;
    let harmless = shape(&Page::parse(&root.get("/").await.text));
    for text in HOSTILE {
        // A card of its own, so that the log has one line like the harmless one.
        let list = root.get("/api/v1/notifications").await.json();
        let id = list["notifications"][0]["id"].as_str().unwrap();
        root.delete(&format!("/api/v1/notifications/{id}?purge=true"))
            .await;
        let posted = root.publish(everywhere(text)).await;
        let answer = root.get("/").await;
        let page = Page::parse(&answer.text);
        assert_eq!(shape(&page), harmless, "{text}");
        let id = posted["id"].as_str().unwrap();
        assert_eq!(rows(&page), [(id.to_owned(), text.to_owned(), true)]);
        let card = page.part("data-id", id).text();
        assert!(
            card.matches(text).count() >= 4,
            "title, message and log show it as it is: {card}"
        );
        let carried = page.part("id", "page-data").text();
        assert!(!carried.contains('<'), "{carried}");
        assert_eq!(data(&page)["snapshot"]["items"][0]["notification"], posted);
    }
}

/// What a message that is markdown may become.
const PROSE: &str = " p a strong em code pre ul ol li blockquote hr br del ";

#[tokio::test]
async fn markdown_makes_links_and_words_and_never_a_script() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let prose = async |text: &str| {
        root.publish(
            json!({"channel": "ci", "key": "k", "title": "t", "markdown": true, "message": text}),
        )
        .await;
        Page::parse(&root.get("/").await.text).part("class", "text prose")
    };
    let good = prose("**now**: [the log](https://e.example/1)").await;
    let links: Vec<_> = good
        .elements()
        .filter_map(|element| element.get("href"))
        .collect();
    assert_eq!(links, ["https://e.example/1"]);
    assert_eq!(good.text(), "now: the log");
    for text in HOSTILE.into_iter().chain([
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "[x](JaVaScRiPt&colon;alert(1))",
        "![x](https://e.example/i.png\"onerror=alert(1))",
        "[x](https://e.example/\" onclick=\"alert(1))",
        "<https://e.example/\"onclick=alert(1)>",
        "`<b>` **<i>** ~~~\n<script>\n~~~",
        "# <h1 onclick=x>\n> <q>\n- <li>\n1. <ol>",
    ]) {
        for element in prose(text).await.elements() {
            let name = format!(" {} ", element.name);
            assert!(PROSE.contains(&name), "{text}: {element:?}");
            for (name, value) in &element.attributes {
                let known = ["href", "rel", "target"].contains(&&**name);
                assert!(known, "{text}: {element:?}");
                let schemes = ["http://", "https://", "mailto:"];
                let web = schemes.iter().any(|scheme| value.starts_with(scheme));
                assert!(name != "href" || web, "{text}: {element:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_stands_in_an_address_or_a_form_becomes_no_element_either() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let anyone = app.anyone();
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let login = shape(&Page::parse(&anyone.get("/login").await.text));
    let inbox = shape(&Page::parse(&root.get("/").await.text));
    let nowhere = shape(&Page::parse(&anyone.get("/no/where").await.text));
    let refused = async |name: &str| {
        let app = TestApp::start().await;
        app.admin().await;
        let form = [("username", name), ("password", "wrong"), ("next", name)];
        let request = app.anyone().request(Method::POST, "/login").form(&form);
        Page::parse(&app.anyone().send(request).await.text)
    };
    let harmless = shape(&refused("harmless").await);
    for text in HOSTILE {
        let value = encode(text);
        let page = Page::parse(&anyone.get(&format!("/login?next={value}")).await.text);
        assert_eq!(shape(&page), login, "{text}");
        assert!(
            page.form("/login")
                .fields
                .contains(&("next".to_owned(), "/".to_owned())),
            "{text}"
        );
        let page = Page::parse(
            &root
                .get(&format!("/?before={value}&__path={value}&__err={value}"))
                .await
                .text,
        );
        assert_eq!(shape(&page), inbox, "{text}");
        let page = Page::parse(&anyone.get(&format!("/no/where/{value}")).await.text);
        assert_eq!(shape(&page), nowhere, "{text}");
        let page = refused(text).await;
        assert_eq!(shape(&page), harmless, "{text}");
        assert!(
            page.form("/login")
                .fields
                .contains(&("username".to_owned(), text.to_owned())),
            "{text}"
        );
    }
}
