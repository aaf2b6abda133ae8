//! The list finds what the matcher finds: what a stream is told and what a list shows are the same.

use super::{DOOR, ask};
use crate::support::TestApp;
use domain::search::Query;
use domain::{Notification, Receipt, Timestamp};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

const WORDS: [&str; 12] = [
    "disk",
    "full",
    "Café",
    "web-1",
    "12:30",
    "東京",
    "🎉",
    "don't",
    "ΟΔΟΣ",
    "a_b",
    "x",
    "https://x.example/q?a=1",
];
const TAGS: [&str; 4] = ["db", "Prod EU", "a%b", "tag:db"];

struct Dice(StdRng);

impl Dice {
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.choose(&mut self.0).unwrap()
    }

    fn roll(&mut self, sides: usize) -> bool {
        self.0.random_range(0..sides) == 0
    }

    fn text(&mut self) -> String {
        let count = self.0.random_range(1..5);
        let words: Vec<_> = (0..count).map(|_| self.one(&WORDS)).collect();
        words.join(" ")
    }

    fn card(&mut self) -> Value {
        let mut card =
            json!({"channel": self.one(&["ci", "CI", "backups"]), "message": self.text()});
        let mut set = |name: &str, value: Value| card[name] = value;
        if self.roll(2) {
            set("title", json!(self.text()));
        }
        if self.roll(2) {
            set("tags", json!([self.one(&TAGS), self.one(&TAGS)]));
        }
        if self.roll(2) {
            set("priority", json!(self.0.random_range(1..6)));
        }
        if self.roll(3) {
            set("key", json!(self.one(&["k", "disk-1", "a b"])));
            set("append", json!(self.text()));
        }
        if self.roll(3) {
            set("state", json!(self.one(&["running", "failure"])));
        }
        if self.roll(3) {
            set("click", json!("https://x.example"));
        }
        card
    }

    fn receipt(&mut self) -> Value {
        json!({"read": self.roll(2), "seen": self.roll(2), "archived": self.roll(3),
            "snoozed_until": self.roll(4).then_some("2999-01-01T00:00:00Z")})
    }

    fn query(&mut self, depth: usize) -> String {
        let leaf = depth == 0 || self.roll(3);
        match self.0.random_range(0..if leaf { 5 } else { 8 }) {
            0 => self.one(&WORDS).to_owned(),
            1 => format!("\"{}\"", self.text()),
            2 => self
                .one(&[
                    "tag:db",
                    "tag:\"prod eu\"",
                    "tag:a%b",
                    "tag:\"tag:db\"",
                    "channel:ci",
                    "key:\"a b\"",
                    "from:root",
                    "priority:>=4",
                    "priority:2",
                    "has:key",
                    "has:link",
                    "has:log",
                    "is:running",
                ])
                .to_owned(),
            3 => self
                .one(&[
                    "is:unread",
                    "is:read",
                    "is:seen",
                    "is:archived",
                    "is:snoozed",
                    "is:inbox",
                    "is:bin",
                    "after:1h",
                    "before:2000-01-01",
                ])
                .to_owned(),
            4 => self
                .one(&["dis*", "\"disk fu\"*", "ca*", "web*", "https*"])
                .to_owned(),
            5 => format!("-({})", self.query(depth - 1)),
            6 => format!("({} {})", self.query(depth - 1), self.query(depth - 1)),
            _ => format!("({} OR {})", self.query(depth - 1), self.query(depth - 1)),
        }
    }
}

#[tokio::test]
async fn lists_find_what_the_matcher_finds() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    let mut dice = Dice(StdRng::seed_from_u64(7));
    for _ in 0..80 {
        let card = root.publish(dice.card()).await;
        if dice.roll(2) {
            let path = format!("{DOOR}/{}/receipt", card["id"].as_str().unwrap());
            assert_eq!(root.put(&path, &dice.receipt()).await.status, 200);
        }
    }
    let all = root
        .get(&format!("{DOOR}?state=all&limit=200"))
        .await
        .json();
    let all: Vec<(Notification, Receipt)> = all["notifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let receipt = serde_json::from_value(row["receipt"].clone()).unwrap();
            (serde_json::from_value(row.clone()).unwrap(), receipt)
        })
        .collect();
    let now = Timestamp::from_millis(all[0].0.updated_at.millis());
    let mut found_any = 0;
    for _ in 0..600 {
        let text = dice.query(3);
        let query = Query::parse(&text, now).unwrap();
        let matching = all
            .iter()
            .filter(|(card, receipt)| query.matches(card, receipt));
        let expect: Vec<u64> = matching.map(|(card, _)| card.seq).collect();
        let answer = ask(&root, &text, &[("state", "all"), ("limit", "200")]).await;
        assert_eq!(answer.status, 200, "{text} {answer:?}");
        let list = answer.json();
        let rows = list["notifications"].as_array().unwrap();
        let found: Vec<u64> = rows
            .iter()
            .map(|row| row["seq"].as_u64().unwrap())
            .collect();
        assert_eq!(found, expect, "{text} = {query}");
        found_any += usize::from(!found.is_empty());
    }
    assert!(
        found_any > 200,
        "the queries are worth something: {found_any}"
    );
}

#[tokio::test]
async fn no_text_makes_the_server_fail() {
    let app = TestApp::start().await;
    let root = app.admin().await;
    root.publish(json!({"channel": "ci", "title": "NEAR ci:1 it's", "message": "web-1"}))
        .await;
    let pieces = [
        "\"",
        "'",
        "*",
        "^",
        "(",
        ")",
        "-",
        "+",
        ":",
        "{",
        "}",
        "NEAR(",
        "NEAR/2",
        "AND",
        "OR",
        "NOT",
        "rowid",
        "search",
        "title:",
        "facets:x",
        "is:",
        "tag:",
        "a",
        "web-1",
        "it's",
        ";--",
        "%",
        "%00",
        "\0",
        "\u{0}",
        "\u{feff}",
        "\u{202e}",
        "💥",
        "é",
        "e\u{301}",
        "\\",
        "\n",
        "\t",
        "1e999",
        "--x",
        "in:bin",
        "is:shown",
        "NULL",
        "((((",
        "))))",
        "\"\"\"\"",
        "key:\"",
        "priority:>=",
        "after:99999999999999d",
        "ﷺ",
        "İ",
        "\u{10ffff}",
    ];
    let mut dice = Dice(StdRng::seed_from_u64(11));
    for _ in 0..1000 {
        let count = dice.0.random_range(1..12);
        let glue = dice.one(&["", " "]);
        let text: Vec<_> = (0..count).map(|_| dice.one(&pieces)).collect();
        let text = text.join(glue);
        let answer = ask(&root, &text, &[]).await;
        assert!(
            matches!(answer.status.as_u16(), 200 | 422),
            "{text:?} {answer:?}"
        );
    }
    for text in [
        "(".repeat(5000),
        "-".repeat(5000),
        "a OR ".repeat(1000),
        "x".repeat(5000),
        "\"a ".repeat(900),
        "ﷺ".repeat(1000),
    ] {
        let answer = ask(&root, &text, &[]).await;
        assert!(matches!(answer.status.as_u16(), 200 | 422), "{answer:?}");
    }
}
