//! nginx with the nchan module, from Debian's packages, with a configuration of its own.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tempfile::TempDir;

use super::Server;
use crate::process::Running;
use crate::publish::Recipe;

/// Debian's places.
const NGINX: &str = "/usr/sbin/nginx";
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

pub(super) fn is_installed() -> bool {
    Path::new(NGINX).exists() && Path::new(MODULE).exists()
}

/// Starts nginx in the foreground.
pub(super) fn start(name: String, workers: usize, data: TempDir) -> Result<Server> {
    let address = free_address()?;
    let dir = data.path().display();
    let file = data.path().join("nginx.conf");
    fs::write(
        &file,
        format!(
            "load_module {MODULE};\nuser root;\nworker_processes {workers};\ndaemon off;\npid {dir}/pid;\nerror_log stderr error;\n\
             worker_rlimit_nofile 65536;\nevents {{ worker_connections 32768; }}\n\
             http {{\n  access_log off;\n  client_body_temp_path {dir}/b;\n  proxy_temp_path {dir}/p;\n  fastcgi_temp_path {dir}/f;\n  \
             uwsgi_temp_path {dir}/u;\n  scgi_temp_path {dir}/s;\n  keepalive_requests 100000000;\n  nchan_max_reserved_memory 256m;\n  \
             server {{\n    listen {address};\n    \
             location /sub {{ nchan_subscriber eventsource; nchan_channel_id bench; nchan_subscriber_first_message newest; }}\n    \
             location /sub/32 {{ nchan_subscriber eventsource; nchan_channel_id bench; nchan_subscriber_first_message -32; }}\n    \
             location /pub {{ nchan_publisher; nchan_channel_id bench; nchan_message_timeout 60s; nchan_message_buffer_length 10000; }}\n  }}\n}}\n"
        ),
    )?;
    let child = Command::new(NGINX)
        .arg("-c")
        .arg(&file)
        .stdout(Stdio::null())
        .spawn()?;
    let running = Running(vec![child]);
    let limit = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).is_err() {
        if Instant::now() > limit {
            bail!("nginx does not listen");
        }
        thread::park_timeout(Duration::from_millis(20));
    }
    let host = format!("Host: {address}\r\n");
    Ok(Server {
        name,
        running,
        address,
        follow: format!("GET /sub HTTP/1.1\r\n{host}Accept: text/event-stream\r\n\r\n")
            .into_bytes(),
        post: Recipe {
            address,
            head: format!("POST /pub HTTP/1.1\r\n{host}Content-Type: text/plain\r\n"),
            body: ("", ""),
        },
        resume: Some(|server, behind| {
            let host = format!("Host: {}\r\n", server.address);
            let request =
                format!("GET /sub/{behind} HTTP/1.1\r\n{host}Accept: text/event-stream\r\n\r\n");
            Ok(request.into_bytes())
        }),
        _data: data,
    })
}

/// A port that is free now. nginx cannot choose one by itself.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
