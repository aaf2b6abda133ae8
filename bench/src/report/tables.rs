//! The tables in Markdown: medians, and in brackets our value divided by the other's.

use super::Measure::{self, *};
use super::{Report, Sizes, number};

/// One for each subject: a row a server, a column a measure. Rows and columns without a value are left out.
pub(super) fn comparisons(report: &Report, servers: &[String], sizes: Sizes) -> Vec<String> {
    let (streams, crowd) = (sizes.streams, sizes.crowd);
    let subjects: [(String, Vec<(Measure, String)>); 3] = [
        (
            format!("{streams} streams"),
            columns(&[
                (PacedCpu, "CPU µs a delivery, one message at a time"),
                (PacedP50, "p50 ms"),
                (PacedP99, "p99 ms"),
                (Deliveries, "deliveries/s, 16 publishers"),
                (UnpacedCpu, "CPU µs a delivery"),
                (Burst, "ms behind after a burst, 500 streams"),
                (Replay, "replayed/s, all 90 behind"),
            ]),
        ),
        (
            format!("{crowd} streams"),
            columns(&[
                (Storm, "ms to open all"),
                (Memory, "kB a stream"),
                (CrowdCpu, "CPU µs a delivery, one message at a time"),
                (Left, "memory once all left"),
            ]),
        ),
        (
            "acknowledged".to_owned(),
            [1, 16, 64]
                .into_iter()
                .flat_map(|count| {
                    let who = if count == 1 {
                        "publisher"
                    } else {
                        "publishers"
                    };
                    [
                        (Acks(count), format!("acks/s, {count} {who}")),
                        (AckP50(count), "p50 ms".to_owned()),
                        (AckP99(count), "p99 ms".to_owned()),
                    ]
                })
                .collect(),
        ),
    ];
    let table =
        |(subject, columns): (String, Vec<_>)| comparison(report, servers, &subject, &columns);
    subjects.into_iter().filter_map(table).collect()
}

fn columns(columns: &[(Measure, &str)]) -> Vec<(Measure, String)> {
    let owned = |(measure, heading): &(Measure, &str)| (*measure, (*heading).to_owned());
    columns.iter().map(owned).collect()
}

fn comparison(
    report: &Report,
    servers: &[String],
    subject: &str,
    columns: &[(Measure, String)],
) -> Option<String> {
    let ours = servers.first()?;
    let measured = |server: &String, measure| report.median(server, measure).is_some();
    let columns: Vec<_> = columns
        .iter()
        .filter(|(measure, _)| servers.iter().any(|server| measured(server, *measure)))
        .collect();
    let rows: Vec<_> = servers
        .iter()
        .filter(|server| {
            columns
                .iter()
                .any(|(measure, _)| measured(server, *measure))
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let cell = |server: &String, measure| {
        let (Some(value), our) = (report.median(server, measure), report.median(ours, measure))
        else {
            return "–".to_owned();
        };
        match our {
            Some(our) if server != ours && value > 0.0 => {
                format!("{} ({:.2} ×)", number(value), our / value)
            }
            _ => number(value),
        }
    };
    let heads: Vec<_> = columns.iter().map(|(_, heading)| heading.clone()).collect();
    let mut table = line(subject, &heads) + &line("---", &vec!["---".to_owned(); heads.len()]);
    for server in rows {
        let cells: Vec<_> = columns
            .iter()
            .map(|(measure, _)| cell(server, *measure))
            .collect();
        table.push_str(&line(server, &cells));
    }
    Some(table)
}

/// What only our own server is asked.
pub(super) fn alone(report: &Report, ours: &str, sizes: Sizes) -> Option<String> {
    let Sizes { crowd, stored, .. } = sizes;
    let lines = [
        (
            AloneCpu,
            "CPU µs a post to 100 readers, nobody else connected".to_owned(),
        ),
        (
            GrownCpu,
            format!("the same while {crowd} streams follow another channel"),
        ),
        (
            AloneP50,
            "ms from such a post to its delivery, p50, nobody else connected".to_owned(),
        ),
        (
            GrownP50,
            format!("the same while {crowd} streams follow another channel"),
        ),
        (
            Idle,
            format!("% of a core for {crowd} idle streams with heartbeats"),
        ),
        (Tls, "kB a stream behind TLS".to_owned()),
        (
            Http2,
            "kB a stream behind TLS, over an HTTP/2 connection of its own".to_owned(),
        ),
        (
            PageP50,
            format!("ms to the first byte of an inbox of {stored} notifications, p50"),
        ),
        (PageP95, "the same, p95".to_owned()),
        (
            Level,
            "ms until 1,000 streams that come back 500 behind are level, 50 posts/s going on"
                .to_owned(),
        ),
        (
            LevelP99,
            "ms to an acknowledgement meanwhile, p99".to_owned(),
        ),
    ];
    let rows: Vec<_> = lines
        .iter()
        .filter_map(|(measure, what)| Some((what, report.median(ours, *measure)?)))
        .map(|(what, value)| line(what, &[number(value)]))
        .collect();
    if rows.is_empty() {
        return None;
    }
    Some(
        line(&format!("{ours} alone"), &[String::new()])
            + &line("---", &["---".to_owned()])
            + &rows.concat(),
    )
}

/// One line of a table.
pub(super) fn line(first: &str, cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!(" {cell} |")).collect();
    format!("| {first} |{cells}\n")
}
