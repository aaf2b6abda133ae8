//! Live cards and edits: one key is one card, whoever looks and whenever (contract, section 3).

use crate::support::TestApp;
use crate::support::people::{Answer, Person};
use reqwest::Method;
use serde_json::{Value, json};

const DOOR: &str = "/api/v1/notifications";

async fn patch(person: &Person, id: &Value, body: Value) -> Answer {
    let path = format!("{DOOR}/{}", id.as_str().unwrap());
    person
        .send(person.request(Method::PATCH, &path).json(&body))
        .await
}

async fn list(person: &Person, query: &str) -> Vec<Value> {
    let list = person.get(&format!("{DOOR}?{query}")).await.json();
    list["notifications"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_hundred_updates_of_one_key_are_one_card_with_the_last_state() {
    let app = TestApp::start().await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    let mut screen = ci.stream("").await;
    let update = |number: u32| {
        json!({"channel": "ci", "key": "build-7", "title": "Build 7", "progress": number,
            "state": if number == 100 { "success" } else { "running" }, "append": format!("step {number}")})
    };
    let mut id = Value::Null;
    for number in 1..=100 {
        let answer = ci.post(DOOR, &update(number)).await;
        assert_eq!(
            answer.status,
            if number == 1 { 201 } else { 200 },
            "{answer:?}"
        );
        let card = answer.json();
        if number == 1 {
            id = card["id"].clone();
            assert_eq!(screen.next("notification").await["notification"], card);
        } else {
            assert_eq!(card["id"], id);
            assert_eq!(screen.next("update").await["notification"], card);
        }
        if number == 50 {
            let last = screen.last_id.clone();
            screen = ci.stream_after("", Some(&last)).await;
        }
    }
    let cards = list(&ci, "").await;
    assert_eq!(cards.len(), 1);
    assert_eq!(
        (&cards[0]["progress"], &cards[0]["state"]),
        (&json!(100), &json!("success"))
    );
    assert_eq!(cards[0]["log"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn five_hundred_equal_keys_are_one_row_that_counts_them() {
    let app = TestApp::start().await;
    app.admin().await;
    let monitor = app.program("root", "publish,subscribe").await;
    let alert = json!({"channel": "ops", "key": "disk-atlas", "title": "Disk 94 %", "priority": 4});
    let posts = (0..500).map(|_| monitor.publish(alert.clone()));
    let answers = futures::future::join_all(posts).await;
    let mut counts: Vec<_> = answers
        .iter()
        .map(|card| card["count"].as_u64().unwrap_or(1))
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, (1..=500).collect::<Vec<_>>());
    let cards = list(&monitor, "").await;
    assert_eq!((cards.len(), &cards[0]["count"]), (1, &json!(500)));
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_every_screen_hears_of_it() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let ci = app.program("root", "publish").await;
    let mut screen = root.stream("").await;
    let card = root
        .publish(
            json!({"channel": "ci", "title": "a", "message": "m", "tags": ["x"], "progress": 1}),
        )
        .await;
    screen.next("notification").await;
    let path = format!("{DOOR}/{}/receipt", card["id"].as_str().unwrap());
    root.put(&path, &json!({"read": true})).await;
    screen.next("update").await;

    let edited = patch(
        &root,
        &card["id"],
        json!({"title": "b", "progress": null, "append": "line"}),
    )
    .await;
    assert_eq!(edited.status, 200, "{edited:?}");
    let edited = edited.json();
    assert_eq!(
        (&edited["title"], &edited["message"]),
        (&json!("b"), &json!("m"))
    );
    assert_eq!(
        (&edited["progress"], &edited["log"], &edited["tags"]),
        (&Value::Null, &json!(["line"]), &json!(["x"]))
    );
    let update = screen.next("update").await;
    assert_eq!(
        (&update["change"], &update["notification"]),
        (&json!("updated"), &edited)
    );
    assert_eq!(
        screen.next("update").await["receipt"]["read"],
        false,
        "it says something new"
    );

    assert_eq!(
        patch(&root, &card["id"], json!({})).await.json(),
        edited,
        "what changes nothing takes no place"
    );
    for (body, field) in [
        (json!({"title": null, "message": null}), None),
        (json!({"priority": 9}), Some("priority")),
        (json!({"title": "a\nb"}), Some("title")),
        (json!({"key": "other"}), Some("key")),
        (json!({"expires_at": "soon"}), Some("expires_at")),
    ] {
        let answer = patch(&root, &card["id"], body.clone()).await;
        let refused = field.is_some();
        assert_eq!(answer.status == 422, refused, "{body} {answer:?}");
        if let Some(field) = field {
            assert_eq!(answer.json()["errors"][0]["field"], field, "{answer:?}");
        }
    }
    // Its log still says something; without that it would say nothing at all.
    let bare = root
        .publish(json!({"channel": "ci", "title": "only"}))
        .await;
    let refused = patch(&root, &bare["id"], json!({"title": null})).await;
    assert_eq!(
        (
            refused.status.as_u16(),
            &refused.json()["errors"][0]["field"]
        ),
        (422, &json!("message"))
    );

    let nobody = app.user("ada").await;
    let private = app
        .belfry(&["channel", "add", "secret", "--private"], "")
        .await;
    assert_eq!(private, "");
    app.belfry(
        &[
            "channel", "grant", "secret", "--user", "root", "--access", "both",
        ],
        "",
    )
    .await;
    app.belfry(
        &[
            "channel", "grant", "secret", "--user", "ada", "--access", "read",
        ],
        "",
    )
    .await;
    let card = root
        .publish(json!({"channel": "secret", "title": "s"}))
        .await;
    assert_eq!(
        patch(&nobody, &card["id"], json!({"title": "x"}))
            .await
            .status,
        403
    );
    assert_eq!(
        patch(&app.anyone(), &card["id"], json!({"title": "x"}))
            .await
            .status,
        401
    );
    assert_eq!(
        patch(&ci, &json!("aaaaaaaaaaaa"), json!({"title": "x"}))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn the_bin_gives_back_what_it_holds() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let mut screen = root.stream("").await;
    let card = root
        .publish(json!({"channel": "ci", "key": "k", "title": "one"}))
        .await;
    screen.next("notification").await;
    let path = format!("{DOOR}/{}", card["id"].as_str().unwrap());
    let restore = async || {
        root.send(root.request(Method::POST, &format!("{path}/restore")))
            .await
    };

    assert_eq!(
        restore().await.json(),
        card,
        "it is not in the bin: nothing happens"
    );
    assert_eq!(root.delete(&path).await.status, 204);
    assert_eq!(screen.next("update").await["change"], "deleted");
    assert_eq!(list(&root, "state=bin").await.len(), 1);
    assert_eq!(list(&root, "state=all").await.len(), 0);
    assert_eq!(
        patch(&root, &card["id"], json!({"title": "x"}))
            .await
            .status,
        404
    );

    let back = restore().await.json();
    assert_eq!((&back["id"], &back["title"]), (&card["id"], &json!("one")));
    let update = screen.next("update").await;
    assert_eq!(
        (&update["change"], &update["notification"]),
        (&json!("updated"), &back)
    );
    assert_eq!(list(&root, "").await.len(), 1);

    root.delete(&path).await;
    root.publish(json!({"channel": "ci", "key": "k", "title": "two"}))
        .await;
    let taken = restore().await;
    assert_eq!(
        (taken.status.as_u16(), &taken.json()["code"]),
        (409, &json!("conflict")),
        "{taken:?}"
    );
    assert_eq!(root.delete(&format!("{path}?purge=true")).await.status, 204);
    assert_eq!(restore().await.status, 404);
}

#[tokio::test]
async fn read_all_stops_at_what_the_reader_had_in_view() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let ada = app.user("ada").await;
    for number in 0..250 {
        root.publish(json!({"channel": if number % 2 == 0 { "even" } else { "odd" }, "title": number.to_string()})).await;
    }
    let upto = list(&root, "limit=1").await[0]["seq"].clone();
    let late = root
        .publish(json!({"channel": "even", "title": "late"}))
        .await;
    let mut screen = root.stream("").await;

    let door = "/api/v1/receipts/read-all";
    let odd = root
        .post(door, &json!({"channel": "odd", "up_to_seq": upto}))
        .await;
    assert_eq!(
        (odd.status.as_u16(), odd.json()),
        (200, json!({"read": 125}))
    );
    let rest = root.post(door, &json!({"up_to_seq": upto})).await;
    assert_eq!(rest.json(), json!({"read": 125}));
    assert_eq!(
        root.post(door, &json!({"up_to_seq": upto})).await.json(),
        json!({"read": 0})
    );
    for _ in 0..250 {
        let receipt = screen.next("update").await;
        assert_eq!(
            (&receipt["change"], &receipt["receipt"]["read"]),
            (&json!("receipt"), &json!(true))
        );
    }
    let unread = list(&root, "state=unread").await;
    assert_eq!((unread.len(), &unread[0]["id"]), (1, &late["id"]));
    assert_eq!(
        list(&ada, "state=unread&limit=200").await.len(),
        200,
        "receipts are everybody's own"
    );

    assert_eq!(root.post(door, &json!({})).await.status, 422);
    assert_eq!(
        root.post(door, &json!({"channel": "none", "up_to_seq": 1}))
            .await
            .status,
        404
    );
    assert_eq!(
        app.program("root", "publish")
            .await
            .post(door, &json!({"up_to_seq": 1}))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn one_idempotency_key_is_one_notification() {
    let app = TestApp::start_with(crate::support::app::Options::stop_the_clock).await;
    app.admin().await;
    let ci = app.program("root", "publish,subscribe").await;
    let other = app.program("root", "publish").await;
    let body = json!({"channel": "ci", "title": "once"});
    let post = async |person: &Person, key: &str, body: &Value| {
        let request = person
            .request(Method::POST, DOOR)
            .header("idempotency-key", key);
        person.send(request.json(body)).await
    };

    let posts = (0..50).map(|_| post(&ci, "k 1", &body));
    let answers = futures::future::join_all(posts).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.json() == answers[0].json()),
        "{answers:?}"
    );
    assert_eq!(list(&ci, "").await.len(), 1);

    let app = app.restart().await;
    let again = post(&ci, "k 1", &body).await;
    assert_eq!(
        (again.status.as_u16(), again.json()),
        (200, answers[0].json())
    );
    let clash = post(&ci, "k 1", &json!({"channel": "ci", "title": "two"})).await;
    assert_eq!(
        (clash.status.as_u16(), &clash.json()["code"]),
        (409, &json!("conflict"))
    );
    assert_eq!(
        post(&other, "k 1", &body).await.status,
        201,
        "the key is its credential's own"
    );
    for bad in ["", &"k".repeat(129), "é"] {
        let refused = post(&ci, bad, &body).await;
        assert_eq!(
            (
                refused.status.as_u16(),
                &refused.json()["errors"][0]["field"]
            ),
            (422, &json!("Idempotency-Key"))
        );
    }
    assert_eq!(post(&ci, &"k".repeat(128), &body).await.status, 201);
    assert_eq!(
        post(&ci, "k 2", &json!({"channel": "ci"})).await.status,
        422
    );
    assert_eq!(
        post(&ci, "k 2", &body).await.status,
        201,
        "what was refused used no key up"
    );

    app.pass(std::time::Duration::from_secs(24 * 3600));
    assert_eq!(
        post(&ci, "k 1", &body).await.status,
        201,
        "a day later it is a new one"
    );
}
