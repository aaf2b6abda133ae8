//! A card on a terminal.

use super::parser::Event;
use crate::cli::harmless;
use anstyle::{AnsiColor, Style};
use domain::{CardState, Change, FeedEvent, Notification, Priority};
use std::fmt::Write;

/// Quiet things: times, tags, addresses.
const QUIET: Style = Style::new().dimmed();

/// Where it came from.
const CHANNEL: Style = AnsiColor::Cyan.on_default();

/// The event for people; `None` when it is nothing that they read here.
pub(super) fn text(event: &Event) -> Option<String> {
    match FeedEvent::parse(&event.name, &event.data) {
        Ok(Some(FeedEvent::Created(created))) => Some(card(&created.notification, "")),
        Ok(Some(FeedEvent::Update(update))) => match update.change {
            Change::Updated { notification } => Some(card(&notification, " (changed)")),
            Change::Deleted { .. } | Change::Receipt { .. } => None,
        },
        Ok(Some(FeedEvent::Reset(_))) => Some(painted(
            QUIET,
            "Some notifications may be missing here: the server no longer has what came between.",
        )),
        Ok(Some(FeedEvent::Connected(_) | FeedEvent::Heartbeat(_)) | None) => None,
        Err(_) => Some(painted(QUIET, "An event that this version cannot read.")),
    }
}

fn card(notification: &Notification, note: &str) -> String {
    let Notification {
        channel,
        title,
        message,
        priority,
        tags,
        log,
        ..
    } = notification;
    let time = notification.updated_at.to_string().replace('T', " ");
    let seconds = time.split('.').next().unwrap_or_default();
    let mut text = format!(
        "{} {} {}",
        painted(QUIET, &format!("{seconds}Z")),
        painted(CHANNEL, channel.as_str()),
        painted(style(*priority), &harmless::line(notification.headline())),
    );
    let facts = [
        priority_word(*priority).map(str::to_owned),
        notification.state.map(|state| state_word(state).to_owned()),
        notification.progress.map(|percent| format!("{percent} %")),
        (notification.count > 1).then(|| format!("{} times", notification.count)),
    ];
    let facts: Vec<_> = facts.into_iter().flatten().collect();
    let tags: String = tags.iter().map(|tag| format!(" #{tag}")).collect();
    let facts = if facts.is_empty() {
        String::new()
    } else {
        format!(" [{}]", facts.join(", "))
    };
    let aside = harmless::line(&format!("{facts}{tags}{note}"));
    if !aside.is_empty() {
        text.push_str(&painted(QUIET, &aside));
    }
    // Without a title the first line of the message is the headline.
    let said = usize::from(title.is_none());
    let mut lines = message.as_deref().unwrap_or_default().lines();
    if said > 0 {
        lines.find(|line| !line.trim().is_empty());
    }
    let mut below: Vec<_> = lines.map(harmless::line).collect();
    below.extend(log.last().map(|line| harmless::line(&format!("> {line}"))));
    let links = notification.click.iter().map(|url| harmless::line(url));
    let actions = notification.actions.iter();
    let actions =
        actions.map(|action| harmless::line(&format!("{}: {}", action.label, action.url)));
    below.extend(links.chain(actions).map(|link| painted(QUIET, &link)));
    for line in below {
        // Writing to a string cannot fail.
        let _written = write!(text, "\n    {line}");
    }
    text
}

fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

fn style(priority: Priority) -> Style {
    match priority {
        Priority::Urgent => AnsiColor::Red.on_default().bold(),
        Priority::High => AnsiColor::Yellow.on_default().bold(),
        Priority::Default => Style::new().bold(),
        Priority::Low | Priority::Min => Style::new(),
    }
}

fn priority_word(priority: Priority) -> Option<&'static str> {
    match priority {
        Priority::Urgent => Some("urgent"),
        Priority::High => Some("high"),
        Priority::Default => None,
        Priority::Low => Some("low"),
        Priority::Min => Some("min"),
    }
}

fn state_word(state: CardState) -> &'static str {
    match state {
        CardState::Running => "running",
        CardState::Success => "success",
        CardState::Warning => "warning",
        CardState::Failure => "failure",
    }
}
