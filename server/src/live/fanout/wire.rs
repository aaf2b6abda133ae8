//! HTTP/1.1 as a stream needs it once its head is written: chunks, and their end (RFC 9112, 7.1).

use crate::live::chunk::Chunk;
use bytes::{BufMut, Bytes, BytesMut};

/// What ends a chunked body.
pub(crate) const END: &[u8] = b"0\r\n\r\n";

/// Room for the length of any chunk and the ends of both lines.
const FRAMING: usize = 20;

/// `before`, then `data` as one chunk.
pub(crate) fn chunk(before: &[u8], data: &[u8]) -> Bytes {
    let mut all = BytesMut::with_capacity(before.len() + data.len() + FRAMING);
    all.put_slice(before);
    put_length(&mut all, data.len());
    all.put_slice(data);
    all.put_slice(b"\r\n");
    all.freeze()
}

/// All frames of `events` as one chunk.
pub(crate) fn events(events: &Chunk) -> Bytes {
    let mut all = BytesMut::with_capacity(events.len() + FRAMING);
    put_length(&mut all, events.len());
    for frame in events.frames() {
        all.put_slice(&frame.bytes);
    }
    all.put_slice(b"\r\n");
    all.freeze()
}

fn put_length(all: &mut BytesMut, length: usize) {
    all.put_slice(format!("{length:x}\r\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_has_its_length_in_hexadecimal() {
        assert_eq!(chunk(b"", b"hello"), "5\r\nhello\r\n");
        assert_eq!(
            chunk(b"head\r\n\r\n", &[b'x'; 26]),
            format!("head\r\n\r\n1a\r\n{}\r\n", "x".repeat(26))
        );
    }
}
