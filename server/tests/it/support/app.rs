//! The server of a test.

use super::people::Person;
use super::{PATIENCE, command};
use server::clock::Clock;
use server::config::Config;
use server::serve::{Overrides, ServeError, serve};
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The password of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// What a test may set before its server starts.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) config: Config,
    pub(crate) overrides: Overrides,
}

impl Options {
    /// Stops the clock, which [`TestApp::pass`] then moves.
    pub(crate) fn stop_the_clock(&mut self) {
        let now = Clock::System.now().millis();
        self.overrides.clock = Clock::Manual(Arc::new(AtomicI64::new(now)));
    }

    fn pass(&self, time: Duration) {
        let Clock::Manual(millis) = &self.overrides.clock else {
            panic!("the clock runs by itself: use stop_the_clock")
        };
        millis.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

/// A running server with a port and a data folder of its own. It ends with the test.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    /// The link that makes the first account, while there is none.
    pub(crate) setup_link: Option<String>,
    /// Kept open, so that nobody else is given the port while the server restarts.
    listener: std::net::TcpListener,
    options: Options,
    dir: TempDir,
    shutdown: DropGuard,
    serving: oneshot::Receiver<Result<(), ServeError>>,
}

impl TestApp {
    /// A server as `belfry serve` starts it.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A server with other settings.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Options)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = Options {
            config: Config::defaults(&dir.path().join("data")).unwrap(),
            overrides: Overrides::default(),
        };
        change(&mut options);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Self::serve(dir, options, listener).await
    }

    /// A server behind TLS, and its certificate, which nobody trusts, as PEM.
    pub(crate) async fn start_tls() -> (Self, String) {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
        std::fs::write(&cert, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let app = Self::start_with(|options| {
            options.config.tls_cert = Some(cert);
            options.config.tls_key = Some(key);
        });
        (app.await, made.cert.pem())
    }

    async fn serve(dir: TempDir, options: Options, listener: std::net::TcpListener) -> Self {
        let address = listener.local_addr().unwrap();
        let served = listener.try_clone().unwrap();
        served.set_nonblocking(true).unwrap();
        let stop = CancellationToken::new();
        let (lines, mut announced) = mpsc::unbounded_channel();
        let (config, overrides, token) = (
            options.config.clone(),
            options.overrides.clone(),
            stop.clone(),
        );
        // On threads of its own, as in production: what a test does must not decide when the server gets its turn.
        let (ended, serving) = oneshot::channel();
        std::thread::spawn(move || {
            let runtime = Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            let served = runtime.block_on(async {
                let listener = TcpListener::from_std(served).unwrap();
                let mut announce = Announce(Vec::new(), lines);
                serve(listener, config, overrides, token, &mut announce).await
            });
            let _test_is_over = ended.send(served);
        });
        let announced = tokio::time::timeout(PATIENCE, announced.recv());
        let announced = announced.await.unwrap().expect("the server starts");
        let scheme = options.config.tls_cert.as_ref().map_or("http", |_| "https");
        assert!(
            announced.contains(&format!("listening on {scheme}://{address}\n")),
            "{announced}"
        );
        let setup_link = announced
            .lines()
            .find_map(|line| line.strip_prefix("set up: "));
        Self {
            address,
            setup_link: setup_link.map(str::to_owned),
            listener,
            options,
            dir,
            shutdown: stop.drop_guard(),
            serving,
        }
    }

    /// Stops the server as SIGTERM does, and waits for its end.
    pub(crate) async fn stop(self) -> Stopped {
        self.shutdown.disarm().cancel();
        let ended = tokio::time::timeout(PATIENCE, self.serving).await.unwrap();
        ended.unwrap().expect("the server ends well");
        Stopped {
            listener: self.listener,
            options: self.options,
            dir: self.dir,
        }
    }

    /// Stops the server and starts it again, at the same address with the same data.
    pub(crate) async fn restart(self) -> Self {
        self.stop().await.start().await
    }

    /// Moves the clock, which [`Options::stop_the_clock`] stopped.
    pub(crate) fn pass(&self, time: Duration) {
        self.options.pass(time);
    }

    /// Where the database is.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.options.config.data.data_dir
    }

    /// Runs the real command line on this server's data, with `input` to read, and answers what it printed. The server
    /// knows what was done when this returns.
    pub(crate) async fn belfry(&self, args: &[&str], input: &str) -> String {
        let printed = command::belfry(self.data_dir(), args, input).await;
        self.ready().await;
        printed
    }

    /// Waits until the server says that it is ready. It has looked by then at what others had written.
    async fn ready(&self) {
        let tls = self.options.config.tls_cert.as_ref();
        let scheme = tls.map_or("http", |_| "https");
        let client = reqwest::Client::builder()
            .no_proxy()
            // Of a test's server: nobody signed it.
            .danger_accept_invalid_certs(true);
        let asked = client.build().unwrap();
        let asked = asked.get(format!("{scheme}://{}/readyz", self.address));
        let answer = tokio::time::timeout(PATIENCE, asked.send()).await;
        assert_eq!(answer.unwrap().unwrap().status(), 200);
    }

    /// Somebody without a credential.
    pub(crate) fn anyone(&self) -> Person {
        Person::new(self.address)
    }

    /// The administrator `root`, made with the set-up link as its form does it.
    pub(crate) async fn admin(&self) -> Person {
        let link = self.setup_link.as_deref().expect("there is no account yet");
        let (_, code) = link.split_once("/setup#k=").unwrap();
        let form = [("code", code), ("username", "root"), ("password", PASSWORD)];
        self.anyone().enter("/setup", &form).await
    }

    /// A new user, made on the command line and signed in as the form does it.
    pub(crate) async fn user(&self, name: &str) -> Person {
        self.belfry(&["user", "add", name, "--password-stdin"], PASSWORD)
            .await;
        self.sign_in(name).await
    }

    /// One more session of somebody.
    pub(crate) async fn sign_in(&self, name: &str) -> Person {
        let form = [("username", name), ("password", PASSWORD)];
        self.anyone().enter("/login", &form).await
    }

    /// A program that acts for `user` with `scope` (a list with commas).
    pub(crate) async fn program(&self, user: &str, scope: &str) -> Person {
        self.program_with(user, scope, &[]).await
    }

    /// A program whose token was made with `more` arguments, such as `--channel ci`.
    pub(crate) async fn program_with(&self, user: &str, scope: &str, more: &[&str]) -> Person {
        let create = [
            "token", "create", "--user", user, "--label", "test", "--scope", scope,
        ];
        let token = self.belfry(&[&create, more].concat(), "").await;
        self.anyone().with_token(token.trim())
    }
}

/// A server that has ended, with what it left behind.
pub(crate) struct Stopped {
    listener: std::net::TcpListener,
    options: Options,
    dir: TempDir,
}

impl Stopped {
    /// Where the database is.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.options.config.data.data_dir
    }

    /// Moves the clock, which [`Options::stop_the_clock`] stopped, while no server runs.
    pub(crate) fn pass(&self, time: Duration) {
        self.options.pass(time);
    }

    /// Starts it again, where it was.
    pub(crate) async fn start(self) -> TestApp {
        TestApp::serve(self.dir, self.options, self.listener).await
    }
}

/// Passes on what the server says to whoever started it, at each flush.
struct Announce(Vec<u8>, mpsc::UnboundedSender<String>);

impl Write for Announce {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let text = String::from_utf8(std::mem::take(&mut self.0));
        let _nobody_listens = self.1.send(text.map_err(std::io::Error::other)?);
        Ok(())
    }
}
