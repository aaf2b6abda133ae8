//! A browser without scripting: it opens pages, follows where it is led, keeps its cookie, and sends forms as they stand
//! in the page.

use super::html::{Form, Page};
use crate::support::TestApp;
use crate::support::people::{Answer, Person};
use reqwest::Method;

/// Redirections that are followed.
const MOST: usize = 4;

pub(super) struct Browser {
    /// Whose cookie is sent.
    pub(super) person: Person,
    stranger: Person,
    /// The path of the page that is shown.
    pub(super) at: String,
    pub(super) answer: Answer,
    pub(super) page: Page,
}

impl Browser {
    /// Opens a page without a cookie.
    pub(super) async fn open(app: &TestApp, path: &str) -> Self {
        Self::open_as(app, app.anyone(), path).await
    }

    /// Opens a page with somebody's cookie.
    pub(super) async fn open_as(app: &TestApp, person: Person, path: &str) -> Self {
        let answer = person.get(path).await;
        let mut browser = Self {
            person,
            stranger: app.anyone(),
            at: path.to_owned(),
            page: Page::parse(&answer.text),
            answer,
        };
        browser.follow().await;
        browser
    }

    /// Opens another page.
    pub(super) async fn go(&mut self, path: &str) {
        path.clone_into(&mut self.at);
        self.answer = self.person.get(path).await;
        self.follow().await;
    }

    /// Sends a form of the page that is shown.
    pub(super) async fn send(&mut self, form: &Form) {
        let (origin, path) = (self.origin(), self.at.clone());
        let request = self.person.request(Method::POST, &form.action);
        let request = request
            .header("accept", "text/html,application/xhtml+xml")
            .header("referer", format!("{origin}{path}"))
            .form(&form.fields);
        self.answer = self.person.send(request).await;
        self.at.clone_from(&form.action);
        self.follow().await;
    }

    fn origin(&self) -> String {
        format!("http://{}", self.person.address)
    }

    async fn follow(&mut self) {
        for _ in 0..MOST {
            if let Some((cookie, _)) = self.answer.header("set-cookie").split_once(';') {
                self.person = if cookie.ends_with('=') {
                    self.stranger.clone()
                } else {
                    self.stranger.with_cookie(cookie)
                };
            }
            if !self.answer.status.is_redirection() {
                self.page = Page::parse(&self.answer.text);
                return;
            }
            let to = self.answer.header("location");
            let to = to.strip_prefix(&self.origin()).unwrap_or(to);
            assert!(to.starts_with('/'), "led away: {to}");
            self.at = to.to_owned();
            self.answer = self.person.get(&self.at).await;
        }
        panic!("led in circles: {}", self.at);
    }
}
