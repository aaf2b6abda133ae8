//! What the server tells Prometheus of itself (contract, section 6). Everything is counted where it happens.

use prometheus::core::Collector;
use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};

use std::time::{Duration, Instant};

/// From a tenth of a millisecond to ten seconds.
const SECONDS: [f64; 16] = [
    0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0,
];

/// The media type of [`Metrics::render`].
pub(crate) const MEDIA_TYPE: &str = prometheus::TEXT_FORMAT;

/// Every figure.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    started: Instant,
    /// Streams that are open.
    pub(crate) streams: IntGauge,
    /// Events that were committed.
    pub(crate) events: IntCounter,
    /// Events that were written to streams: one event to ten streams is ten.
    pub(crate) deliveries: IntCounter,
    /// From the request to the commit.
    pub(crate) publish_seconds: Histogram,
    /// From the commit to the socket.
    pub(crate) delivery_seconds: Histogram,
    /// The newest place of the log.
    pub(crate) log_head: IntGauge,
    /// Streams that were closed because their readers had stopped reading.
    pub(crate) slow_readers_closed: IntCounter,
    /// Requests that were answered, by method and status.
    pub(crate) http_requests: IntCounterVec,
    /// The database with its write-ahead log.
    pub(crate) db_bytes: IntGauge,
}

impl Metrics {
    /// Everything at nothing.
    ///
    /// # Errors
    /// When two figures have one name.
    fn new() -> prometheus::Result<Self> {
        let seconds = |name, help| {
            Histogram::with_opts(HistogramOpts::new(name, help).buckets(SECONDS.to_vec()))
        };
        let requests = Opts::new("belfry_http_requests_total", "Requests that were answered");
        let metrics = Self {
            registry: Registry::new(),
            started: Instant::now(),
            streams: IntGauge::new("belfry_streams", "Streams that are open")?,
            events: IntCounter::new("belfry_events_total", "Events that were committed")?,
            deliveries: IntCounter::new(
                "belfry_deliveries_total",
                "Events that were written to streams",
            )?,
            publish_seconds: seconds("belfry_publish_seconds", "From the request to the commit")?,
            delivery_seconds: seconds("belfry_delivery_seconds", "From the commit to the socket")?,
            log_head: IntGauge::new("belfry_log_head", "Newest place of the log")?,
            slow_readers_closed: IntCounter::new(
                "belfry_slow_readers_closed_total",
                "Streams that were closed because nobody read them",
            )?,
            http_requests: IntCounterVec::new(requests, &["method", "status"])?,
            db_bytes: IntGauge::new("belfry_db_bytes", "Database with its write-ahead log")?,
        };
        metrics.register()?;
        Ok(metrics)
    }

    /// For how long things are counted.
    pub(crate) fn since_start(&self) -> Duration {
        self.started.elapsed()
    }

    fn register(&self) -> prometheus::Result<()> {
        let all: [Box<dyn Collector>; 9] = [
            Box::new(self.streams.clone()),
            Box::new(self.events.clone()),
            Box::new(self.deliveries.clone()),
            Box::new(self.publish_seconds.clone()),
            Box::new(self.delivery_seconds.clone()),
            Box::new(self.log_head.clone()),
            Box::new(self.slow_readers_closed.clone()),
            Box::new(self.http_requests.clone()),
            Box::new(self.db_bytes.clone()),
        ];
        all.into_iter()
            .try_for_each(|figure| self.registry.register(figure))
    }

    /// Prometheus' text format.
    ///
    /// # Errors
    /// When a figure cannot be encoded.
    pub(crate) fn render(&self) -> prometheus::Result<Vec<u8>> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "the names stand above, and a test reads them all"
        )]
        Self::new().expect("every figure has a name of its own")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_of_the_contract_is_there() {
        let metrics = Metrics::default();
        metrics
            .http_requests
            .with_label_values(&["GET", "200"])
            .inc();
        let text = String::from_utf8(metrics.render().unwrap()).unwrap();
        for line in [
            "belfry_streams 0",
            "belfry_events_total 0",
            "belfry_deliveries_total 0",
            "belfry_publish_seconds_bucket{le=\"0.001\"} 0",
            "belfry_delivery_seconds_count 0",
            "belfry_log_head 0",
            "belfry_slow_readers_closed_total 0",
            "belfry_http_requests_total{method=\"GET\",status=\"200\"} 1",
            "belfry_db_bytes 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
