//! Prometheus's remote-write format: a protobuf message in a snappy block, both written by hand.

use nidoto_promql::{Labels, Series};

/// A `WriteRequest` of the samples within a span of time.
pub(super) fn request(series: &[Series], from_ms: i64, until_ms: i64) -> Vec<u8> {
    let mut message = Vec::new();
    for one in series {
        let samples: Vec<(i64, f64)> = one.samples.iter().filter(|(t, _)| (from_ms..until_ms).contains(t)).collect();
        if !samples.is_empty() {
            field(&mut message, 1, &time_series(&one.labels, &samples));
        }
    }
    snappy(&message)
}

fn time_series(labels: &Labels, samples: &[(i64, f64)]) -> Vec<u8> {
    let mut message = Vec::new();
    for (name, value) in labels.iter() {
        let mut label = Vec::new();
        field(&mut label, 1, name.as_bytes());
        field(&mut label, 2, value.as_bytes());
        field(&mut message, 1, &label);
    }
    for &(t_ms, value) in samples {
        let mut sample = vec![1 << 3 | 1];
        sample.extend(value.to_le_bytes());
        sample.push(2 << 3);
        varint(&mut sample, t_ms as u64);
        field(&mut message, 2, &sample);
    }
    message
}

/// A length-delimited protobuf field.
fn field(message: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    message.push(number << 3 | 2);
    varint(message, bytes.len() as u64);
    message.extend(bytes);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A snappy block of literals only: valid, and not smaller.
fn snappy(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    varint(&mut out, bytes.len() as u64);
    for chunk in bytes.chunks(1 << 16) {
        out.push(61 << 2);
        out.extend(((chunk.len() - 1) as u16).to_le_bytes());
        out.extend(chunk);
    }
    out
}
