//! Real programs: Apprise, which hundreds of tools send with, and aiontfy, by which Home Assistant sends and reads.

use super::{poll, server};
use crate::support::app::PASSWORD;
use crate::support::{command, install};
use serde_json::json;
use std::path::PathBuf;
use std::process::{Command, Output};

async fn run(program: PathBuf, arguments: Vec<String>) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).env("no_proxy", "*");
    command::finish(command, "").await
}

#[tokio::test]
async fn apprise_delivers_text_files_and_what_it_garbles() {
    let Some(programs) = install::python(&["apprise==2.2.0"]).await else {
        return;
    };
    let (app, program) = server().await;
    let file = tempfile::tempdir().unwrap();
    let picture = file.path().join("pic.png");
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\n1234").unwrap();
    let send = |url: String, more: Vec<String>| {
        let arguments = more.into_iter().chain([url]).collect();
        run(programs.join("apprise"), arguments)
    };
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let password = PASSWORD.replace(' ', "%20");
    let (host, token) = (app.address, program.token());
    for (url, arguments) in [
        (
            format!(
                "ntfy://root:{password}@{host}/one?priority=high&xtags=warning,skull&click=https://ex.com/a&email=a@b.c&actions=view,Open,https://ex.com"
            ),
            words(&["-t", "Disk low é", "-b", "line1\nline2"]),
        ),
        (
            format!("ntfy://{host}/two?token={token}&format=markdown"),
            words(&["-i", "markdown", "-b", "**bold**"]),
        ),
        (
            format!("ntfy://{host}/three,four?token={token}"),
            words(&["-b", &"é".repeat(7_000)]),
        ),
        (
            format!("ntfy://{host}/five?token={token}"),
            words(&[
                "-t",
                "Pic",
                "-b",
                "see",
                "--attach",
                picture.to_str().unwrap(),
            ]),
        ),
    ] {
        let output = send(url.clone(), arguments).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{url}: {said}");
    }
    let one = &poll(&program, "one", "").await[0];
    assert_eq!(
        (&one["title"], &one["message"]),
        (&json!("Disk low é"), &json!("line1\nline2"))
    );
    assert_eq!(
        (&one["priority"], &one["click"]),
        (&json!(4), &json!("https://ex.com/a"))
    );
    assert_eq!(one["tags"].as_array().unwrap().len(), 2);
    let two = &poll(&program, "two", "").await[0];
    assert_eq!(two["content_type"], "text/markdown");
    // What is longer than ntfy's own messages, Apprise sends as a file.
    let long = poll(&program, "three,four", "").await;
    assert_eq!(long.len(), 2, "{long:?}");
    for message in &long {
        let url = message["attachment"]["url"].as_str().unwrap();
        let (_, path) = url.split_once(&host.to_string()).unwrap();
        assert_eq!(program.get(path).await.text.chars().count(), 7_000, "{url}");
    }
    let five = &poll(&program, "five", "").await[0];
    assert_eq!(five["attachment"]["name"], "pic.png");
}

#[tokio::test]
async fn home_assistant_s_client_does_everything_it_can() {
    let Some(programs) = install::python(&["aiontfy==0.8.6"]).await else {
        return;
    };
    let (app, program) = server().await;
    app.belfry(&["channel", "add", "secret", "--private"], "")
        .await;
    let url = format!("http://{}", app.address);
    let arguments = vec!["-c".to_owned(), SCRIPT.to_owned(), url, PASSWORD.to_owned()];
    let output = run(programs.join("python"), arguments).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let kept = poll(&program, "hass", "").await;
    let events: Vec<_> = kept
        .iter()
        .map(|message| message["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        ["message", "message", "message_clear", "message_delete"],
        "{kept:?}"
    );
}

/// What Home Assistant does: sign in with a password, make a token, send, read, clear, delete.
const SCRIPT: &str = r#"
import asyncio, sys
import aiohttp
from yarl import URL
from aiontfy import Ntfy, Message
from aiontfy.exceptions import NtfyForbiddenAccessError, NtfyUnauthorizedAuthenticationError

async def main(url, password):
    async with aiohttp.ClientSession() as session:
        root = Ntfy(url, session, username="root", password=password)
        account = await root.account()
        assert account.username == "root", account
        token = (await root.generate_token("Home Assistant")).token
        assert (await root.version()).version
        ntfy = Ntfy(url, session, token=token)
        assert (await ntfy.stats()).messages == 0

        got, opened, seen = [], asyncio.Event(), asyncio.Queue()
        def note(notification):
            if notification.event == "open":
                opened.set()
            else:
                seen.put_nowait(notification)
        reading = asyncio.create_task(ntfy.subscribe(["hass", "other"], note, priority=[3, 4, 5]))
        await asyncio.wait_for(opened.wait(), 30)

        sent = await ntfy.publish(Message(topic="hass", title="T", message="two\nlines", tags=["a", "b"],
            priority=4, markdown=True, sequence_id="job-1", click=URL("https://ex.com")))
        assert sent.sequence_id == "job-1" and sent.tags == ["a", "b"], sent
        first = await asyncio.wait_for(seen.get(), 30)
        assert (first.id, first.title, first.message) == (sent.id, "T", "two\nlines"), first

        kept = await ntfy.publish(Message(topic="hass", message="see", filename="p.png"), attachment=b"\x89PNG\r\n\x1a\n")
        assert kept.attachment.name == "p.png" and kept.attachment.size == 8, kept
        assert (await asyncio.wait_for(seen.get(), 30)).attachment.url == kept.attachment.url

        assert (await ntfy.clear("hass", "job-1")).event == "message_clear"
        assert (await asyncio.wait_for(seen.get(), 30)).event == "message_clear"
        assert (await ntfy.delete("hass", "job-1")).event == "message_delete"
        assert (await asyncio.wait_for(seen.get(), 30)).event == "message_delete"
        reading.cancel()

        for wrong, expect in [(ntfy.can_subscribe(["secret"]), NtfyForbiddenAccessError),
                (ntfy.publish(Message(topic="secret", message="x")), NtfyForbiddenAccessError),
                (Ntfy(url, session, token="tk_wrong").account(), NtfyUnauthorizedAuthenticationError)]:
            try:
                await wrong
                assert False, expect
            except expect:
                pass

asyncio.run(main(sys.argv[1], sys.argv[2]))
"#;
