//! Puts the finished page into the binary: writes the table of its files for `http/assets.rs`.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Result;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../migrations");
    println!("cargo::rerun-if-env-changed=BELFRY_SITE");

    let mut table = String::from("pub(crate) static SITE: &[Embedded] = &[\n");
    if let Some(site) = env::var_os("BELFRY_SITE").map(PathBuf::from) {
        println!("cargo::rerun-if-changed={}", site.display());
        for file in files(&site)? {
            // The compressed forms stand in the row of the file that they are a form of.
            let form = file
                .extension()
                .is_some_and(|extension| extension == "br" || extension == "gz");
            if !form || !file.with_extension("").exists() {
                table.push_str(&row(&site, &file)?);
            }
        }
    }
    table.push_str("];\n");
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    fs::write(out.join("site.rs"), table)
}

/// Every file of the folder, sorted, so that the same page gives the same binary.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// One row of the table.
fn row(site: &Path, file: &Path) -> Result<String> {
    let name = file
        .strip_prefix(site)
        .unwrap_or(file)
        .to_string_lossy()
        .replace('\\', "/");
    let logical = format!("/{name}");
    let digest = Sha256::digest(fs::read(file)?);
    let mut hash = String::new();
    for byte in &digest[..6] {
        let _ = write!(hash, "{byte:02x}");
    }
    let include = |path: &Path| format!("include_bytes!({:?})", path.display().to_string());
    let form = |suffix: &str| {
        let path = file.with_added_extension(suffix);
        if path.exists() {
            format!("Some({})", include(&path))
        } else {
            "None".to_owned()
        }
    };
    Ok(format!(
        "    Embedded {{ path: {path:?}, logical: {logical:?}, hash: {hash:?}, content_type: {content_type:?}, \
         identity: {identity}, brotli: {brotli}, gzip: {gzip} }},\n",
        path = served_at(&logical, &hash),
        content_type = content_type(file),
        identity = include(file),
        brotli = form("br"),
        gzip = form("gz"),
    ))
}

/// What the page loads carries its content's hash in its name, so a browser may keep it for ever; everything else has
/// a name that the outside knows.
fn served_at(logical: &str, hash: &str) -> String {
    match (logical.starts_with("/pkg/"), logical.rsplit_once('.')) {
        (true, Some((stem, extension))) => format!("{stem}-{hash}.{extension}"),
        _ => logical.to_owned(),
    }
}

/// The media type, by the file's name.
fn content_type(file: &Path) -> &'static str {
    match file
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
    {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        _ => "application/octet-stream",
    }
}
