//! The pages without scripting: where they lead, what they show and where the stream goes on from them, here; what can
//! be done with plain forms; what a page may run, and what becomes of text that would like to be more.

mod browser;
mod forms;
mod html;
mod policy;

use crate::support::TestApp;
use crate::support::people::Person;
use browser::Browser;
use html::Page;
use serde_json::{Value, json};

/// The data that the page carries for the browser's code.
fn data(page: &Page) -> Value {
    serde_json::from_str(&page.part("id", "page-data").text()).unwrap()
}

/// The rows of a page: id, title and whether it is unread, from above.
fn rows(page: &Page) -> Vec<(String, String, bool)> {
    let ids = page.elements().filter_map(|element| element.get("data-id"));
    let row = |id: &str| {
        let title = page.part("id", &format!("t-{id}")).text();
        let mut articles = page
            .elements()
            .filter(|element| element.get("data-id") == Some(id));
        let unread = articles.next().unwrap().get("data-unread") == Some("true");
        (id.to_owned(), title, unread)
    };
    ids.map(row).collect()
}

fn titles(page: &Page) -> Vec<String> {
    rows(page).into_iter().map(|(_, title, _)| title).collect()
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_to_where_he_can_be() {
    let app = TestApp::start().await;
    let check = async |who: &Person, path: &str, status: u16, to: &str| {
        let answer = who.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (status, to),
            "{path}"
        );
    };
    let anyone = app.anyone();
    check(&anyone, "/", 303, "/setup").await;
    check(&anyone, "/archive", 303, "/setup").await;
    check(&anyone, "/login", 200, "").await;
    check(&anyone, "/setup", 200, "").await;
    let root = app.admin().await;
    check(&anyone, "/", 303, "/login").await;
    check(&anyone, "/archive", 303, "/login?next=%2Farchive").await;
    check(&anyone, "/setup", 410, "").await;
    check(&anyone, "/no/where", 404, "").await;
    check(&root, "/login", 303, "/").await;
    check(&root, "/setup", 410, "").await;
    check(&root, "/archive", 200, "").await;
    check(
        &root.with_cookie("belfry=AAAAAAAAAAAAAAAAAAAAAA"),
        "/",
        303,
        "/login",
    )
    .await;
}

#[tokio::test]
async fn the_page_holds_the_list_and_the_place_where_the_stream_goes_on() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    for title in ["first", "second", "third"] {
        root.publish(json!({"channel": "ci", "title": title})).await;
    }
    let page = Page::parse(&root.get("/").await.text);
    assert_eq!(titles(&page), ["third", "second", "first"]);
    let data = data(&page);
    let items = data["snapshot"]["items"].as_array().unwrap();
    let carried = items
        .iter()
        .map(|item| item["notification"]["title"].as_str().unwrap());
    assert_eq!(carried.collect::<Vec<_>>(), titles(&page));
    let cursor = data["snapshot"]["cursor"].as_str().unwrap();

    let posted = root
        .publish(json!({"channel": "ci", "title": "fourth"}))
        .await;
    let mut stream = root.stream_after("", Some(cursor)).await;
    assert_eq!(stream.connected["resumed"], true);
    assert_eq!(stream.next("notification").await["notification"], posted);
}

/// The cursor is read before the list: whatever is posted between the two is in the list or in the stream after it.
#[tokio::test]
async fn nothing_is_lost_between_a_page_and_its_stream_while_others_post() {
    const POSTS: u64 = 120;
    let app = TestApp::start().await;
    let root = app.admin().await;
    let poster = root.clone();
    let posting = tokio::spawn(async move {
        for number in 1..=POSTS {
            poster
                .publish(json!({"channel": "ci", "title": number.to_string()}))
                .await;
        }
    });
    let mut pages = 0;
    while pages < 10 || !posting.is_finished() {
        let page = data(&Page::parse(&root.get("/").await.text));
        let cursor = page["snapshot"]["cursor"].as_str().unwrap();
        let items = page["snapshot"]["items"].as_array().unwrap();
        let newest = items
            .first()
            .map_or(0, |item| item["notification"]["seq"].as_u64().unwrap());
        let (_, at) = cursor.rsplit_once('-').unwrap();
        let at: u64 = at.parse().unwrap();
        assert!(
            at <= newest,
            "the list ends at {newest}, and the stream begins after {at}"
        );
        let mut stream = root.stream_after("", Some(cursor)).await;
        if at < POSTS {
            assert_eq!(stream.next("notification").await["seq"], at + 1);
        }
        pages += 1;
    }
    posting.await.unwrap();
}

#[tokio::test]
async fn links_lead_through_all_older_rows() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let mut expect = Vec::new();
    for number in 0..120 {
        let title = number.to_string();
        root.publish(json!({"channel": "ci", "title": title})).await;
        expect.insert(0, title);
    }
    let mut browser = Browser::open_as(&app, root, "/").await;
    let mut seen = titles(&browser.page);
    assert_eq!(seen.len(), 50);
    loop {
        let links = browser
            .page
            .elements()
            .filter_map(|element| element.get("href"));
        let Some(older) = links
            .filter(|href| href.starts_with("?before="))
            .map(str::to_owned)
            .next()
        else {
            break;
        };
        browser.go(&format!("/{older}")).await;
        seen.extend(titles(&browser.page));
    }
    assert_eq!(seen, expect);
}
