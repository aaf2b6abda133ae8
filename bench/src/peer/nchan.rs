//! nginx with the nchan module, from Debian's packages, with a configuration of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{Door, Server, free_address, spawn_at, with_field};
use crate::publish::Recipe;

/// Debian's places.
const NGINX: &str = "/usr/sbin/nginx";
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

pub(super) fn is_installed() -> bool {
    Path::new(NGINX).exists() && Path::new(MODULE).exists()
}

/// Starts nginx in the foreground.
pub(super) fn start(workers: usize, data: TempDir) -> Result<Server> {
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
             location /pub {{ nchan_publisher; nchan_channel_id bench; nchan_message_timeout 60s; nchan_message_buffer_length 10000; }}\n  }}\n}}\n"
        ),
    )?;
    let mut nginx = Command::new(NGINX);
    let running = spawn_at(nginx.arg("-c").arg(&file), address)?;
    let host = format!("Host: {address}\r\n");
    Ok(Server {
        running,
        address,
        door: Door {
            follow: format!("GET /sub HTTP/1.1\r\n{host}Accept: text/event-stream\r\n\r\n")
                .into_bytes(),
            post: Recipe {
                address,
                head: format!(
                    "POST /pub HTTP/1.1\r\n{host}Accept: application/json\r\nContent-Type: text/plain\r\n"
                ),
                body: Default::default(),
            },
        },
        resume: Some(|server, answer| {
            let answer: serde_json::Value = serde_json::from_str(answer)?;
            let id = answer["last_message_id"].as_str();
            let id = id.context("a message without an id")?;
            Ok(with_field(&server.door.follow, "Last-Event-ID", id))
        }),
        token: None,
        _data: data,
    })
}
