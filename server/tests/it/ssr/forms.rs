//! Everything that can be done is a plain form.

use super::browser::Browser;
use super::html::{Form, Page};
use super::{data, rows};
use crate::support::TestApp;
use crate::support::app::PASSWORD;
use reqwest::Method;
use serde_json::json;

/// The form with the buttons of the row that has this title.
fn deeds(page: &Page, title: &str) -> Form {
    let rows = rows(page);
    let (id, ..) = rows.iter().find(|(_, shown, _)| shown == title).unwrap();
    page.part("data-id", id).form("/api/ui/set_receipt")
}

#[tokio::test]
async fn the_first_account_is_made_with_a_plain_form() {
    let app = TestApp::start().await;
    let link = app.setup_link.clone().unwrap();
    let (_, code) = link.split_once("#k=").unwrap();
    let mut browser = Browser::open(&app, "/").await;
    assert_eq!(browser.at, "/setup");
    let form = browser.page.form("/setup").fill("username", "root");
    browser
        .send(
            &form
                .clone()
                .fill("code", "guess")
                .fill("password", PASSWORD),
        )
        .await;
    assert_eq!(browser.answer.status, 403);
    assert!(browser.page.part("role", "alert").text().contains("code"));

    browser
        .send(
            &form
                .clone()
                .fill("code", code)
                .fill("password", "short")
                .fill("username", "a b"),
        )
        .await;
    assert_eq!(browser.answer.status, 422);
    let again = browser.page.form("/setup");
    for (name, value) in &again.fields {
        // The name is kept; a secret never comes back.
        let expect = if name == "username" { "a b" } else { "" };
        assert_eq!(value, expect, "{name}");
    }
    assert_ne!(browser.page.part("id", "e-username").text(), "");

    browser
        .send(&form.fill("code", code).fill("password", PASSWORD))
        .await;
    assert_eq!((browser.answer.status.as_u16(), &*browser.at), (200, "/"));
    assert_eq!(
        data(&browser.page)["viewer"],
        json!({"name": "root", "admin": true})
    );
    browser.go("/setup").await;
    assert_eq!(browser.answer.status, 410);
}

#[tokio::test]
async fn signing_in_leads_to_where_one_was_going_however_often_it_is_tried() {
    let app = TestApp::start().await;
    app.admin().await;
    let mut browser = Browser::open(&app, "/archive").await;
    assert_eq!(browser.at, "/login?next=%2Farchive");
    for wrong in ["wrong password", "", "another wrong one"] {
        let form = browser
            .page
            .form("/login")
            .fill("username", "root")
            .fill("password", wrong);
        browser.send(&form).await;
        assert_eq!(browser.answer.status, 401);
        assert_ne!(browser.page.part("role", "alert").text(), "");
        assert!(wrong.is_empty() || !browser.answer.text.contains(wrong));
    }
    let form = browser.page.form("/login");
    assert!(
        form.fields
            .contains(&("username".to_owned(), "root".to_owned()))
    );
    browser.send(&form.fill("password", PASSWORD)).await;
    assert_eq!(
        (browser.answer.status.as_u16(), &*browser.at),
        (200, "/archive")
    );
}

#[tokio::test]
async fn a_notification_is_posted_read_archived_and_brought_back_with_forms_alone() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let mut stream = root.stream("").await;
    let mut browser = Browser::open_as(&app, root.clone(), "/").await;
    assert_eq!(rows(&browser.page), []);

    let form = browser.page.form("/api/ui/publish").fill("channel", "ci");
    let form = form
        .fill("title", "Build 7")
        .fill("message", "is red")
        .fill("priority", "5");
    browser.send(&form).await;
    assert_eq!((browser.answer.status.as_u16(), &*browser.at), (200, "/"));
    let posted = stream.next("notification").await["notification"].clone();
    assert_eq!(
        (&posted["title"], &posted["message"]),
        (&json!("Build 7"), &json!("is red"))
    );
    assert_eq!(
        (&posted["priority"], &posted["author"]),
        (&json!(5), &json!("root"))
    );
    let id = posted["id"].as_str().unwrap().to_owned();
    assert_eq!(
        rows(&browser.page),
        [(id.clone(), "Build 7".to_owned(), true)]
    );
    assert_eq!(browser.page.part("class", "sum").text(), "1 unread");
    // The next one goes where the last one went.
    let again = browser.page.form("/api/ui/publish");
    assert!(
        again
            .fields
            .contains(&("channel".to_owned(), "ci".to_owned()))
    );

    let row = (id, "Build 7".to_owned(), false);
    let steps = [
        ("read", true, false),
        ("archived", true, true),
        ("archived", true, false),
        ("read", false, false),
    ];
    for (button, read, archived) in steps {
        browser
            .send(&deeds(&browser.page, "Build 7").press(button))
            .await;
        let update = stream.next("update").await;
        let receipt = &update["receipt"];
        assert_eq!(
            (&receipt["read"], &receipt["archived"]),
            (&json!(read), &json!(archived))
        );
        assert_eq!(browser.answer.status, 200);
        let row = (row.0.clone(), row.1.clone(), !read);
        for (place, here) in [("/", !archived), ("/archive", archived)] {
            browser.go(place).await;
            let expect = if here { vec![row.clone()] } else { vec![] };
            assert_eq!(rows(&browser.page), expect, "{place} after {button}");
        }
        browser.go(if archived { "/archive" } else { "/" }).await;
    }
}

#[tokio::test]
async fn a_refused_post_comes_back_with_what_is_wrong_beside_the_field() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    app.belfry(&["channel", "add", "vault", "--private"], "")
        .await;
    let mut browser = Browser::open_as(&app, root.clone(), "/").await;
    let form = browser.page.form("/api/ui/publish").fill("message", "m");
    let long = "x".repeat(251);
    for (field, value) in [
        ("channel", "a b"),
        ("channel", "api"),
        ("title", &*long),
        ("priority", "6"),
    ] {
        let form = form.clone().fill("channel", "ci").fill(field, value);
        browser.send(&form).await;
        assert!(browser.at.starts_with("/?__path="), "{}", browser.at);
        assert_ne!(
            browser.page.part("id", &format!("e-{field}")).text(),
            "",
            "{field} {value}"
        );
        let composer = browser
            .page
            .elements()
            .find(|element| element.get("class") == Some("composer"));
        assert!(composer.unwrap().get("open").is_some(), "{field} {value}");
        assert_eq!(rows(&browser.page), []);
    }
    browser.send(&form.clone().fill("channel", "vault")).await;
    assert_ne!(browser.page.part("role", "alert").text(), "");
    browser
        .send(&form.fill("channel", "ci").fill("message", ""))
        .await;
    assert_ne!(browser.page.part("id", "e-message").text(), "");
    let list = root.get("/api/v1/notifications?state=all").await.json();
    assert_eq!(list["notifications"], json!([]));
}

#[tokio::test]
async fn a_form_of_another_site_and_a_link_change_nothing() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let posted = root
        .publish(json!({"channel": "ci", "title": "mine"}))
        .await;
    let page = Page::parse(&root.get("/").await.text);
    let publish = page.form("/api/ui/publish").fill("message", "m");
    for form in [
        publish,
        deeds(&page, "mine").press("archived"),
        page.form("/logout"),
    ] {
        for headers in [
            [
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://evil.example"),
            ],
            [("origin", "null"), ("accept", "text/html")],
        ] {
            let anyone = app.anyone();
            let request = anyone
                .request(Method::POST, &form.action)
                .header("cookie", root.cookie());
            let request = headers.iter().fold(request, |request, (name, value)| {
                request.header(*name, *value)
            });
            let answer = anyone.send(request.form(&form.fields)).await;
            assert_eq!(answer.status, 403, "{} {headers:?} {answer:?}", form.action);
        }
        let query = form
            .fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let link = format!("{}?{}", form.action, query.collect::<Vec<_>>().join("&"));
        let answer = root.get(&link).await;
        assert!(!answer.status.is_success(), "{link} {answer:?}");
    }
    let list = root.get("/api/v1/notifications").await.json();
    let list = list["notifications"].as_array().unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(
        (&list[0]["id"], &list[0]["receipt"]["archived"]),
        (&posted["id"], &json!(false))
    );
}

#[tokio::test]
async fn signing_out_is_a_button_and_the_page_is_gone() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    root.publish(json!({"channel": "ci", "title": "mine"}))
        .await;
    let mut browser = Browser::open_as(&app, root.clone(), "/").await;
    browser.send(&browser.page.form("/logout")).await;
    assert_eq!(
        (browser.answer.status.as_u16(), &*browser.at),
        (200, "/login")
    );
    assert_eq!(root.get("/").await.header("location"), "/login");
    browser.go("/").await;
    assert_eq!(browser.at, "/login");
    assert!(!browser.answer.text.contains("mine"));
}
