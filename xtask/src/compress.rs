//! Compresses once, at build time and as hard as possible, so that the server never does it for a file.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// What is worth trying; pictures and fonts are compressed already.
const COMPRESSIBLE: [&str; 9] = [
    "css",
    "html",
    "ico",
    "js",
    "json",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
];

/// Writes `FILE.br` and `FILE.gz` beside the file, each only when it is smaller.
pub(crate) fn beside(file: &Path) -> Result<()> {
    let extension = file
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    if !COMPRESSIBLE.contains(&extension) {
        return Ok(());
    }
    let plain = fs::read(file)?;
    for (suffix, packed) in [("br", brotli(&plain)?), ("gz", gzip(&plain)?)] {
        if packed.len() < plain.len() {
            fs::write(file.with_added_extension(suffix), packed)?;
        }
    }
    Ok(())
}

/// Brotli, quality 11.
fn brotli(plain: &[u8]) -> Result<Vec<u8>> {
    let mut packed = Vec::new();
    let params = BrotliEncoderParams {
        quality: 11,
        size_hint: plain.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*plain, &mut packed, &params)?;
    Ok(packed)
}

/// Gzip, best; without a time, so that the same page gives the same bytes.
fn gzip(plain: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_forms_unpack_to_the_original() -> Result<()> {
        let plain = b"a page, a page, a page".repeat(100);
        let mut gz = Vec::new();
        flate2::read::GzDecoder::new(&*gzip(&plain)?).read_to_end(&mut gz)?;
        assert_eq!(gz, plain);
        let mut br = Vec::new();
        brotli::BrotliDecompress(&mut &*brotli(&plain)?, &mut br)?;
        assert_eq!(br, plain);
        Ok(())
    }

    #[test]
    fn leaves_out_what_would_grow_and_what_is_packed_already() -> Result<()> {
        let dir = std::env::temp_dir().join(format!("xtask-compress-{}", std::process::id()));
        fs::create_dir_all(&dir)?;
        for (name, content) in [
            ("a.css", "b".to_owned()),
            ("b.css", "b{}".repeat(99)),
            ("c.png", "b".repeat(99)),
        ] {
            fs::write(dir.join(name), content)?;
            beside(&dir.join(name))?;
        }
        let names: Vec<String> = crate::stamp::files(&dir)?
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        fs::remove_dir_all(&dir)?;
        assert_eq!(names, ["a.css", "b.css", "b.css.br", "b.css.gz", "c.png"]);
        Ok(())
    }
}
