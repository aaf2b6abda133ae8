//! What is measured.

/// One figure of one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    /// Microseconds of processor time a delivery, one message at a time.
    PacedCpu,
    /// Milliseconds from sending to reading, the same messages.
    PacedP50,
    /// The slowest hundredth of them.
    PacedP99,
    /// Microseconds of processor time a delivery, from 16 publishers as fast as they are acknowledged.
    UnpacedCpu,
    /// Deliveries a second of the same messages.
    Deliveries,
    /// Milliseconds from the last acknowledgement of a burst to its last delivery.
    Burst,
    /// Events a second to streams that all come back some events behind.
    Replay,
    /// Milliseconds until a crowd of streams is open.
    Storm,
    /// Kilobytes that the server grew for each of them.
    Memory,
    /// Its memory once all have left, in parts of what it was before they came.
    Left,
    /// Microseconds of processor time a delivery to a crowd, one message at a time.
    CrowdCpu,
    /// Acknowledgements a second from so many publishers.
    Acks(usize),
    /// Milliseconds from sending to half of them.
    AckP50(usize),
    /// Milliseconds from sending to all but a hundredth of them.
    AckP99(usize),
    /// Microseconds of processor time a post to a channel with few readers.
    AloneCpu,
    /// Milliseconds from sending to reading, the same messages.
    AloneP50,
    /// As [`AloneCpu`](Self::AloneCpu) while a crowd follows another channel.
    GrownCpu,
    /// As [`AloneP50`](Self::AloneP50) while a crowd follows another channel.
    GrownP50,
    /// Percent of a core for a crowd that gets nothing but heartbeats.
    Idle,
    /// Kilobytes for a stream behind TLS, over HTTP/1.1.
    Tls,
    /// Kilobytes for a stream behind TLS, over an HTTP/2 connection of its own.
    Http2,
    /// Milliseconds to the first byte of the inbox, half of the requests.
    PageP50,
    /// The same, all but a twentieth.
    PageP95,
    /// Milliseconds until all who came back behind are level.
    Level,
    /// Milliseconds to an acknowledgement meanwhile, all but a hundredth.
    LevelP99,
}
