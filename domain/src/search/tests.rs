use super::*;
use crate::{Draft, NotificationId, UserName};
use proptest::prelude::*;
use serde_json::json;

const NOW: Timestamp = Timestamp::EPOCH;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-20T10:00:00Z").unwrap()
}

fn card(fields: serde_json::Value) -> Notification {
    let draft: Draft = serde_json::from_value(fields).unwrap();
    let id = NotificationId::parse("k3JxT0aQ9fLm").unwrap();
    let author = UserName::parse("atlas-cron").unwrap();
    let new = draft.parse(now()).unwrap();
    new.into_notification(id, 1, author, now())
}

fn backup() -> Notification {
    card(json!({
        "channel": "Backups", "title": "Disk FULL on web-1", "message": "Crème brûlée at 12:30\nsee https://x.example/a",
        "priority": 4, "tags": ["db", "Prod EU"], "key": "disk-atlas", "append": "line one\nline two", "state": "failure",
        "progress": 40, "click": "https://a.example"
    }))
}

/// The canonical text.
fn canonical(text: &str) -> String {
    Query::parse(text, now()).unwrap().to_string()
}

fn refusal(text: &str) -> String {
    Query::parse(text, now()).unwrap_err().to_string()
}

#[test]
fn what_is_said_is_found() {
    let unread = Receipt::default();
    let archived = Receipt {
        archived: true,
        ..unread
    };
    for (text, receipt, expect) in [
        ("", unread, true),
        ("disk full", unread, true),
        ("full disk", unread, true),
        ("\"disk full\"", unread, true),
        ("\"full disk\"", unread, false),
        ("dis", unread, false),
        ("dis*", unread, true),
        ("\"disk fu\"*", unread, true),
        ("creme BRULEE", unread, true),
        ("12:30", unread, true),
        ("12:31", unread, false),
        ("https://x.example/a", unread, true),
        ("web-1", unread, true),
        ("web-2", unread, false),
        ("one two", unread, true),
        ("-disk", unread, false),
        ("--disk", unread, true),
        ("-nothing", unread, true),
        ("nothing OR disk", unread, true),
        ("disk (nothing OR full)", unread, true),
        ("disk -(nothing OR full)", unread, false),
        ("nothing OR disk full", unread, true),
        ("disk - full :)", unread, true),
        ("db eu atlas-cron backups", unread, true),
        ("channel:backups", unread, true),
        ("channel:ci", unread, false),
        ("tag:DB -tag:flaky", unread, true),
        ("tag:\"prod eu\"", unread, true),
        ("tag:prod", unread, false),
        ("from:atlas-cron", unread, true),
        ("from:atlas", unread, false),
        ("key:disk-atlas", unread, true),
        ("priority:4", unread, true),
        ("priority:high", unread, true),
        ("priority:>=high", unread, true),
        ("priority:>4", unread, false),
        ("priority:<=3", unread, false),
        ("priority:<5", unread, true),
        ("is:failure", unread, true),
        ("is:running", unread, false),
        (
            "has:log has:progress has:title has:key has:link",
            unread,
            true,
        ),
        ("has:image", unread, false),
        ("-has:action", unread, true),
        ("is:unread is:inbox", unread, true),
        ("is:unread", archived, false),
        ("is:archived -is:inbox", archived, true),
        ("is:bin", unread, false),
        ("after:1h before:2026-11-21", unread, true),
        ("after:2026-11-20T10:00:00.001Z", unread, false),
        ("before:2026-11-20", unread, false),
        ("before:1s", unread, false),
    ] {
        let query = Query::parse(text, now()).unwrap();
        assert_eq!(query.matches(&backup(), &receipt), expect, "{text}");
    }
}

#[test]
fn pictures_and_scripts_without_blanks_are_found() {
    let found = |message: &str, text: &str| {
        let notification = card(json!({"channel": "ci", "message": message}));
        let query = Query::parse(text, now()).unwrap();
        query.matches(&notification, &Receipt::default())
    };
    assert!(found("東京タワーは高い", "タワー"));
    assert!(!found("東京タワーは高い", "京東"));
    assert!(found("done 🎉🎉", "🎉"));
    assert!(found("می‌خواهم", "می‌خواهم"));
}

#[test]
fn a_query_displays_as_what_it_means() {
    for (text, expect) in [
        ("  Disk   FULL ", "disk full"),
        ("“Disk full”*", "\"disk full\"*"),
        ("web-1", "\"web 1\""),
        ("a OR b c OR (d)", "a OR (b c) OR d"),
        ("((a b)) c", "a b c"),
        ("-(-a)", "a"),
        ("-(a b) () !!!", "-(a b)"),
        ("tag:\"Prod EU\" CHANNEL:ci", "tag:\"prod eu\" channel:ci"),
        (
            "priority:>3 priority:<2 priority:>=1",
            "priority:>=4 priority:1 priority:>=1",
        ),
        ("has:image is:Unread", "has:icon is:unread"),
        ("after:7d", "after:2026-11-13T10:00:00.000Z"),
        ("before:2026-11-01", "before:2026-11-01T00:00:00.000Z"),
        (
            "Note: localhost:8080 std::env C:\\x",
            "note \"localhost 8080\" \"std env\" \"c x\"",
        ),
        ("(call() OR b)", "call OR b"),
    ] {
        assert_eq!(canonical(text), expect, "{text}");
    }
}

#[test]
fn errors_name_the_word_and_what_would_be_right() {
    for (text, expect) in [
        ("prio:4", "`prio:` is not known. Did you mean `priority:`?"),
        (
            "-chanel:x",
            "`chanel:` is not known. Did you mean `channel:`?",
        ),
        ("author:x", "`author:` is not known. Did you mean `from:`?"),
        (
            "is:unred",
            "`is:unred` is not known. Did you mean `is:unread`?",
        ),
        (
            "has:imgae",
            "`has:imgae` is not known. Did you mean `has:image`?",
        ),
        (
            "has:",
            "`has:` is not known: `has:` takes icon, link, action, log, progress, key or title",
        ),
        ("(a", "has a parenthesis that nothing closes"),
        ("a \"b", "has a quotation mark that nothing closes"),
        ("a OR", "needs something to search for on both sides of OR"),
        ("a*", "needs two letters or more before *"),
    ] {
        assert_eq!(refusal(text), expect, "{text}");
    }
    assert!(refusal("zzz:x").starts_with("`zzz:` is not known. Put it in quotation marks"));
    for text in [
        "tag:",
        "tag:\"´\"",
        "priority:0",
        "priority:>5",
        "after:x",
        "before:9999999999999999w",
        "after:-1d",
    ] {
        let name = text.split(':').next().unwrap();
        assert!(
            refusal(text).contains(&format!("`{name}:` takes ")),
            "{text}"
        );
    }
    assert_eq!(refusal(&"a".repeat(1001)), "has more than 1000 characters");
    assert_eq!(
        refusal(&"a ".repeat(65)),
        "has more than 64 words and filters"
    );
    assert_eq!(
        refusal(&format!("{}a{}", "(".repeat(17), ")".repeat(17))),
        "has parentheses more than 16 deep"
    );
    assert!(Query::parse(&"-".repeat(1000), now()).is_ok());
    assert!(Query::parse(&format!("{}a{}", "(".repeat(16), ")".repeat(16)), now()).is_ok());
}

#[test]
fn a_parameter_is_a_filter_besides() {
    let query = Query::parse("a OR b", now()).unwrap();
    let narrowed = query.and(Filter::Tag("db".into()));
    assert_eq!(narrowed.to_string(), "(a OR b) tag:db");
    assert!(!narrowed.names_receipts());
    let read = Query::parse("a -(b OR is:read)", now()).unwrap();
    assert!(read.names_receipts() && !read.names_bin());
    assert!(Query::parse("-is:bin", now()).unwrap().names_bin());
}

/// Text as people write queries, and as nobody does.
fn queries() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,4}",
        1 => "\\PC{0,6}",
        2 => Just(" OR ".to_owned()),
        2 => Just("(".to_owned()),
        2 => Just(")".to_owned()),
        2 => Just("-".to_owned()),
        1 => Just("\"".to_owned()),
        1 => Just("*".to_owned()),
        4 => "(tag|channel|from|key|is|has|priority|after|before|prio):[\"a-z0-9<>=-]{0,8}",
        1 => "is:(unread|read|archived|bin|running)",
        1 => "priority:[<>]?=?[1-5]",
        4 => Just(" ".to_owned()),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_is_too_much(text in "\\PC{0,40}") {
        let _refused = Query::parse(&text, NOW);
    }

    #[test]
    fn a_query_survives_its_own_text(text in queries()) {
        if let Ok(query) = Query::parse(&text, now()) {
            let shown = query.to_string();
            prop_assert_eq!(Query::parse(&shown, NOW), Ok(query), "{}", shown);
        }
    }

    #[test]
    fn a_negation_finds_the_rest(text in queries()) {
        if let Ok(Some(query)) = Query::parse(&text, now()).map(|query| query.expr().is_some().then_some(query))
            && let Ok(negated) = Query::parse(&format!("-({query})"), now())
        {
            let receipt = Receipt::default();
            prop_assert_ne!(query.matches(&backup(), &receipt), negated.matches(&backup(), &receipt));
        }
    }
}
