//! One notification in a list.

use super::{hue, markdown, receipt_form::receipt_form, symbol};
use crate::{
    clock,
    desk::{Desk, Row},
    text,
};
use domain::{CardState, InboxItem, Notification, Timestamp};
use leptos::{either::EitherOf3, prelude::*};

/// Longer texts than this can be unfolded.
const FOLD: usize = 140;
/// Lines of a log that a list shows.
const LOG_LINES: usize = 5;

/// A row. It alone is drawn anew when its notification changes.
pub(crate) fn card(desk: Desk, row: Row) -> impl IntoView {
    let Row {
        item, id, fresh, ..
    } = row;
    let trouble = move || {
        desk.trouble(&id)
            .map(|trouble| super::list::trouble(desk, trouble))
    };
    move || {
        let item = item.get();
        let InboxItem {
            notification,
            receipt,
        } = &item;
        let id = notification.id.to_string();
        let names = format!("s-{id} t-{id} c-{id} w-{id}");
        let state = notification.state.map(state_name);
        view! {
            <article
                class="card"
                class:fresh=fresh
                tabindex="-1"
                data-id=id.clone()
                data-seq=notification.seq.to_string()
                data-unread=(!receipt.read).to_string()
                data-priority=u8::from(notification.priority).to_string()
                data-state=state
                aria-labelledby=names
                aria-setsize="-1"
            >
                <span class="glyph" aria-hidden="true">{text::glyph(notification.priority)}</span>
                {heading(&item, &id)}
                {words(notification)}
                {extras(notification)}
                <p class="meta">
                    <span class="channel" id=format!("c-{id}")>
                        <i class=hue(notification.channel.as_str())></i>
                        {notification.channel.to_string()}
                    </span>
                    {time(desk, notification.updated_at, format!("w-{id}"))}
                </p>
                {receipt_form(desk, &item)}
                {trouble.clone()}
            </article>
        }
    }
}

fn heading(item: &InboxItem, id: &str) -> impl IntoView + use<> {
    let InboxItem {
        notification,
        receipt,
    } = item;
    let unread = if receipt.read { "" } else { text::UNREAD };
    let spoken = [unread, text::spoken(notification.priority)];
    let spoken: Vec<_> = spoken.into_iter().filter(|word| !word.is_empty()).collect();
    let chip = notification.state.map(|state| view! { <span class=format!("chip {}", state_name(state))>{text::state(state)}</span> });
    let count = notification.count;
    let times = (count > 1).then(|| view! { <span class="times">{format!("×{count}")}</span> });
    view! {
        <h2 class="title">
            <span class="spoken" id=format!("s-{id}")>{spoken.join(", ")}</span>
            <bdi id=format!("t-{id}")>{notification.headline().to_owned()}</bdi>
            {times}
            {chip}
        </h2>
    }
}

/// The message. A text of many lines is folded to three; a summary needs no script to unfold it. Markdown may hold
/// links, which a summary must not: where it is long it scrolls.
fn words(notification: &Notification) -> impl IntoView + use<> {
    let untitled = notification.title.is_none();
    let message = notification
        .message
        .as_deref()
        .unwrap_or_default()
        .trim_end();
    let message = if untitled { rest_of(message) } else { message };
    if message.is_empty() {
        return None;
    }
    let text = message.to_owned();
    let long = message.len() > FOLD || message.lines().count() > 3;
    Some(match (notification.markdown, long) {
        (true, _) => EitherOf3::A(view! {
            <div class="text prose" dir="auto" tabindex=long.then_some("0") inner_html=markdown::html(message)></div>
        }),
        (false, true) => EitherOf3::B(
            view! { <details class="text"><summary><bdi>{text}</bdi></summary></details> },
        ),
        (false, false) => EitherOf3::C(view! { <p class="text"><bdi>{text}</bdi></p> }),
    })
}

/// What follows the line that stands as the title already.
fn rest_of(message: &str) -> &str {
    message
        .trim_start()
        .split_once('\n')
        .map_or("", |(_, rest)| rest)
}

fn extras(notification: &Notification) -> impl IntoView + use<> {
    let Notification {
        progress,
        log,
        tags,
        actions,
        click,
        ..
    } = notification;
    let progress = progress.map(|done| {
        view! {
            <div class="progress">
                <progress max="100" value=done.to_string() aria-label=text::PROGRESS></progress>
                <span>{format!("{done} %")}</span>
            </div>
        }
    });
    let tail = log
        .get(log.len().saturating_sub(LOG_LINES)..)
        .unwrap_or_default()
        .join("\n");
    let log = (!tail.is_empty())
        .then(|| view! { <pre class="log" aria-label=text::LOG tabindex="0">{tail}</pre> });
    let links = actions
        .iter()
        .map(|action| (&action.url, action.label.clone()))
        .chain(click.iter().map(|url| (url, host(url).to_owned())));
    let links: Vec<_> = links.map(|(url, label)| link(url, label)).collect();
    let tags: Vec<_> = tags
        .iter()
        .map(|tag| view! { <bdi class="tag">{tag.clone()}</bdi> })
        .collect();
    let line = !(tags.is_empty() && links.is_empty());
    let line = line.then(|| view! { <div class="line">{tags}{links}</div> });
    view! {
        {progress}
        {log}
        {line}
    }
}

fn link(url: &str, label: String) -> impl IntoView + use<> {
    view! {
        <a class="out" href=url.to_owned() target="_blank" rel="noopener noreferrer">
            <bdi>{label}</bdi>
            {symbol("link")}
        </a>
    }
}

/// Where a link leads: its host, or the address of a mail.
fn host(url: &str) -> &str {
    let rest = url
        .split_once("://")
        .or_else(|| url.split_once(':'))
        .map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    host.rsplit_once('@')
        .filter(|_| url.contains("://"))
        .map_or(host, |(_, host)| host)
}

fn time(desk: Desk, time: Timestamp, id: String) -> impl IntoView + use<> {
    let short = move || {
        let now = desk.now.get();
        clock::short(
            time,
            now,
            if now.is_some() {
                clock::offset(time)
            } else {
                0
            },
        )
    };
    let long = move || match desk.now.get() {
        Some(_) => clock::long(time, clock::offset(time)),
        None => clock::long(time, 0) + " UTC",
    };
    view! { <time id=id datetime=time.to_string() title=long>{short}</time> }
}

fn state_name(state: CardState) -> &'static str {
    match state {
        CardState::Running => "running",
        CardState::Success => "success",
        CardState::Warning => "warning",
        CardState::Failure => "failure",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_says_where_it_leads() {
        for (url, expect) in [
            ("https://grafana.lan/d/1?x=2", "grafana.lan"),
            ("https://bank.example@evil.example/", "evil.example"),
            ("http://h:8080#x", "h:8080"),
            ("mailto:ops@example.org?subject=x", "ops@example.org"),
        ] {
            assert_eq!(host(url), expect);
        }
    }

    #[test]
    fn the_line_that_names_it_is_not_repeated() {
        assert_eq!(rest_of("one line"), "");
        assert_eq!(rest_of("\n first\nsecond\nthird"), "second\nthird");
    }
}
