//! Collectors of the metrics: values that are read when they are asked for.

use std::fmt;
use std::fs;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use crate::embedding::Encoder;
use crate::records::Counts;

/// Exports the counters of the embeddings server's client.
pub(super) struct Embeddings(pub(super) Arc<Encoder>);

impl fmt::Debug for Embeddings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Embeddings")
    }
}

impl Collector for Embeddings {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Encoder::Server(server) = &*self.0 else {
            return Ok(());
        };
        let help = "Questions to the embeddings server, by result";
        let mut family =
            encoder.encode_descriptor("embeddings", help, None, MetricType::Counter)?;
        for (result, count) in server.counts().by_result() {
            let labels = [("result", result)];
            let metric = family.encode_family(&labels)?;
            ConstCounter::new(count).encode(metric)?;
        }
        Ok(())
    }
}

/// Exports the counters of the records.
#[derive(Debug)]
pub(super) struct Records(pub(super) Counts);

impl Collector for Records {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let help = "Records of turns, by whether they are in the database or were lost";
        let mut family = encoder.encode_descriptor("records", help, None, MetricType::Counter)?;
        for (result, count) in [("written", self.0.written()), ("dropped", self.0.dropped())] {
            let labels = [("result", result)];
            let metric = family.encode_family(&labels)?;
            ConstCounter::new(count).encode(metric)?;
        }
        let help = "Failed attempts to write records";
        let name = "records_failed_writes";
        let metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        ConstCounter::new(self.0.failed_writes()).encode(metric)
    }
}

/// Exports the memory of the process, read when it is asked for; only on Linux.
#[derive(Debug)]
pub(super) struct Memory;

impl Collector for Memory {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Some(bytes) = resident_bytes() else {
            return Ok(());
        };
        let help = "Resident memory of the process";
        let unit = Some(&Unit::Bytes);
        let metric = encoder.encode_descriptor("resident_memory", help, unit, MetricType::Gauge)?;
        ConstGauge::new(bytes).encode(metric)
    }
}

fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}
