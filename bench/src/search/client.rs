//! One connection that is kept: a request, its answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A connection with a credential.
#[derive(Debug)]
pub(super) struct Client {
    socket: BufReader<TcpStream>,
    /// Fields of every request, each ending with CR LF.
    fields: String,
}

/// An answer.
struct Answer {
    status: u16,
    cookie: Option<String>,
    body: String,
}

impl Client {
    /// A program with a token.
    pub(super) fn connect(address: SocketAddr, token: &str) -> Result<Self> {
        Self::new(address, format!("Authorization: Bearer {token}\r\n"))
    }

    fn new(address: SocketAddr, credential: String) -> Result<Self> {
        let socket = TcpStream::connect(address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self {
            socket: BufReader::new(socket),
            fields: format!("Host: {address}\r\n{credential}"),
        })
    }

    /// A browser of a user.
    pub(super) fn sign_in(address: SocketAddr, user: &str, password: &str) -> Result<Self> {
        let origin = format!("Origin: http://{address}\r\n");
        let mut visitor = Self::new(address, origin)?;
        let form = format!("username={user}&password={}", password.replace(' ', "+"));
        let answer = visitor.ask("POST", "/login", "application/x-www-form-urlencoded", &form)?;
        let cookie = answer.cookie.context("signing in made no cookie")?;
        Self::new(address, format!("Cookie: {cookie}\r\n"))
    }

    /// A call with JSON, which must succeed.
    pub(super) fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = self.ask(method, path, "application/json", &body)?;
        if !(200..300).contains(&answer.status) {
            bail!(
                "{method} {path} was answered with {}: {}",
                answer.status,
                answer.body
            );
        }
        Ok(super::json(&answer.body))
    }

    /// A page, which must be there.
    pub(super) fn get(&mut self, path: &str) -> Result<String> {
        let answer = self.ask("GET", path, "text/plain", "")?;
        if answer.status != 200 {
            bail!("{path} was answered with {}", answer.status);
        }
        Ok(answer.body)
    }

    fn ask(&mut self, method: &str, path: &str, kind: &str, body: &str) -> Result<Answer> {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{}Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}",
            self.fields
        );
        self.socket.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?;
        let status = status.split(' ').nth(1).context("a status")?.parse()?;
        let (mut length, mut cookie) = (Some(0), None);
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = Some(value.parse()?),
                "transfer-encoding" => length = None,
                "set-cookie" => cookie = value.split(';').next().map(str::to_owned),
                _ => {}
            }
        }
        let body = match length {
            Some(length) => self.exactly(length)?,
            None => self.chunks()?,
        };
        Ok(Answer {
            status,
            cookie,
            body: String::from_utf8(body)?,
        })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.socket.read_line(&mut line)?;
        if line.is_empty() {
            bail!("the connection ended before the answer");
        }
        Ok(line.trim_end().to_owned())
    }

    fn exactly(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.socket.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let length = usize::from_str_radix(&self.line()?, 16)?;
            all.extend(self.exactly(length)?);
            self.exactly(2)?;
            if length == 0 {
                return Ok(all);
            }
        }
    }
}
