//! A reader of pages, written from the HTML standard (13.2.5) as far as our pages need it, and from nothing of ours: what
//! it takes for an element, a browser without scripting would.

/// What stands in a page, in order.
#[derive(Debug, Clone)]
enum Node {
    Open(Element),
    Close(String),
    Text(String),
}

/// The begin of an element.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
}

impl Element {
    /// An attribute's value, `None` when it is missing.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A page or a part of one.
#[derive(Debug, Clone)]
pub(super) struct Page(Vec<Node>);

/// A form with what stands in its fields, ready to be sent.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) fields: Vec<(String, String)>,
    buttons: Vec<(String, String)>,
}

impl Form {
    /// Types something into a field, which must be there.
    pub(super) fn fill(mut self, name: &str, text: &str) -> Self {
        let field = self.fields.iter_mut().find(|(key, _)| key == name);
        let (_, value) = field.unwrap_or_else(|| panic!("no field {name}"));
        text.clone_into(value);
        self
    }

    /// Presses the button of this name, which must be there.
    pub(super) fn press(mut self, name: &str) -> Self {
        let button = self.buttons.iter().find(|(key, _)| key == name);
        let pressed = button.unwrap_or_else(|| panic!("no button {name}")).clone();
        self.fields.push(pressed);
        self
    }
}

impl Page {
    pub(super) fn parse(html: &str) -> Self {
        let mut nodes = Vec::new();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            let next = rest[at + 1..].chars().next();
            let closes = next == Some('/')
                && rest[at + 2..].starts_with(|letter: char| letter.is_ascii_alphabetic());
            let opens = next.is_some_and(|letter| letter.is_ascii_alphabetic());
            let is_text = !opens && !closes && !matches!(next, Some('!' | '?' | '/'));
            let end = if is_text { at + 1 } else { at };
            nodes.push(Node::Text(decode(&rest[..end])));
            rest = &rest[end..];
            if opens {
                let (element, after) = open(&rest[1..]);
                rest = after;
                let raw = ["script", "style", "title", "textarea"].contains(&&*element.name);
                if raw {
                    let (text, after) = rest.split_at(end_of_raw(rest, &element.name));
                    let is_code = ["script", "style"].contains(&&*element.name);
                    let text = if is_code {
                        text.to_owned()
                    } else {
                        decode(text)
                    };
                    nodes.extend([Node::Open(element), Node::Text(text)]);
                    rest = after;
                } else {
                    nodes.push(Node::Open(element));
                }
            } else if closes {
                let (element, after) = open(&rest[2..]);
                nodes.push(Node::Close(element.name));
                rest = after;
            } else if !is_text {
                let end = if rest.starts_with("<!--") { "-->" } else { ">" };
                rest = rest.split_once(end).map_or("", |(_, after)| after);
            }
        }
        nodes.push(Node::Text(decode(rest)));
        Self(nodes)
    }

    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.0.iter().filter_map(|node| match node {
            Node::Open(element) => Some(element),
            Node::Close(_) | Node::Text(_) => None,
        })
    }

    /// What stands in each element of which this is true.
    pub(super) fn parts(&self, wanted: impl Fn(&Element) -> bool) -> Vec<Self> {
        let mut parts = Vec::new();
        for (index, node) in self.0.iter().enumerate() {
            if let Node::Open(element) = node
                && wanted(element)
            {
                let mut depth = 1;
                let inside = self.0[index + 1..].iter().take_while(|node| {
                    match node {
                        Node::Open(inner) if inner.name == element.name => depth += 1,
                        Node::Close(name) if *name == element.name => depth -= 1,
                        Node::Open(_) | Node::Close(_) | Node::Text(_) => {}
                    }
                    depth > 0
                });
                parts.push(Self(inside.cloned().collect()));
            }
        }
        parts
    }

    /// What stands in the one element with this attribute.
    pub(super) fn part(&self, attribute: &str, value: &str) -> Self {
        let mut parts = self.parts(|element| element.get(attribute) == Some(value));
        assert_eq!(parts.len(), 1, "{attribute}={value}");
        parts.remove(0)
    }

    /// All text, as it stands there.
    pub(super) fn text(&self) -> String {
        let texts = self.0.iter().map(|node| match node {
            Node::Text(text) => text.as_str(),
            Node::Open(_) | Node::Close(_) => "",
        });
        texts.collect()
    }

    /// The one form that is sent there.
    pub(super) fn form(&self, action: &str) -> Form {
        let here =
            |element: &&Element| element.name == "form" && element.get("action") == Some(action);
        let found = self.elements().find(here);
        let found = found.unwrap_or_else(|| panic!("no form for {action}"));
        assert_eq!(found.get("method"), Some("post"), "{action}");
        let inside = self.part("action", action);
        let mut form = Form {
            action: action.to_owned(),
            fields: Vec::new(),
            buttons: Vec::new(),
        };
        let mut select = None;
        for element in inside.elements() {
            let name = element.get("name").map(str::to_owned);
            let value = element.get("value").unwrap_or_default().to_owned();
            match (&*element.name, name) {
                ("input" | "textarea", Some(name)) => form.fields.push((name, value)),
                ("button", Some(name)) => form.buttons.push((name, value)),
                ("select", name) => select = name,
                ("option", _) if element.get("selected").is_some() => {
                    form.fields.extend(select.take().map(|name| (name, value)));
                }
                _ => {}
            }
        }
        form
    }
}

/// Reads a tag after its `<` or `</`; answers it and what follows.
fn open(text: &str) -> (Element, &str) {
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
    let (name, mut rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            break rest = after;
        }
        if rest.is_empty() {
            break;
        }
        let end = rest[1..].find(|c| ends(c) || c == '=');
        let (key, after) = rest.split_at(end.map_or(rest.len(), |at| at + 1));
        rest = after.trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            (value, rest) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_at(
                    after
                        .find(|c: char| c.is_ascii_whitespace() || c == '>')
                        .unwrap_or(after.len()),
                ),
            };
        }
        attributes.push((key.to_ascii_lowercase(), decode(value)));
    }
    let name = name.to_ascii_lowercase();
    (Element { name, attributes }, rest)
}

/// Where the element whose text is not markup ends.
fn end_of_raw(text: &str, name: &str) -> usize {
    let lower = text.to_ascii_lowercase();
    let ends = |at: usize| {
        let after = lower[at + 2 + name.len()..].chars().next();
        after.is_none_or(|c| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
    };
    let end = format!("</{name}");
    let mut found = lower.match_indices(&end).map(|(at, _)| at);
    found.find(|at| ends(*at)).unwrap_or(text.len())
}

/// Text without its character references: those that a page made by a program has.
fn decode(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let reference = part.split_once(';').and_then(|(name, rest)| {
            let code = match name {
                "amp" => Some(u32::from('&')),
                "lt" => Some(u32::from('<')),
                "gt" => Some(u32::from('>')),
                "quot" => Some(u32::from('"')),
                "nbsp" => Some(0xA0),
                _ => match name.strip_prefix("#x") {
                    Some(digits) => u32::from_str_radix(digits, 16).ok(),
                    None => name.strip_prefix('#')?.parse().ok(),
                },
            };
            Some((char::from_u32(code?)?, rest))
        });
        match reference {
            Some((letter, rest)) => {
                out.push(letter);
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(part);
            }
        }
    }
    out
}

/// The tests judge the server by this reader, so it has to see an element wherever a browser would.
#[test]
fn the_reader_sees_what_a_browser_would() {
    let check = |html: &str, expect: &[&str]| {
        let page = Page::parse(html);
        let shown = page.elements().map(|element| {
            let attributes = element.attributes.iter();
            let attributes = attributes.map(|(key, value)| format!(" {key}={value}"));
            format!("{}{}", element.name, attributes.collect::<String>())
        });
        assert_eq!(shown.collect::<Vec<_>>(), expect, "{html}");
    };
    check("a < b <1 <c>d</c>", &["c"]);
    check("<!doctype html><!--<b>--><!x><?y><i>", &["i"]);
    check("<A HREF=x DATA-Y='1>2' z>", &["a href=x data-y=1>2 z="]);
    check("<img/src=\"x\"/onerror=y>", &["img src=x onerror=y"]);
    check(
        "<a b=\"&quot;&lt;&#39;&#x3e;&amp;lt;&x;\">",
        &["a b=\"<'>&lt;&x;"],
    );
    check("<script>a<b></scripty></SCRIPT ><i>", &["script", "i"]);
    check(
        "<title></b>&lt;<b></title><textarea><b></textarea>",
        &["title", "textarea"],
    );
    let page = Page::parse("<p id=a>1<p>2</p>3</p>4<p id=b>5</p>");
    assert_eq!(page.part("id", "a").text(), "123");
    assert_eq!(page.text(), "12345");
}
