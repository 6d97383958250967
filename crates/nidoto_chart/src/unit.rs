//! Writing values with units.

/// What a value measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// A bare number: `120`, `12 k`, `1.5 G`.
    #[default]
    Plain,
    /// Bytes in powers of ten: `1.5 GB`.
    Bytes,
    /// Bytes in powers of two: `1.5 GiB`.
    BinaryBytes,
    /// Hundredths: `55` is `55 %`.
    Percent,
    /// A share of one: `0.55` is `55 %`.
    Ratio,
    /// A duration: `0.25` is `250 ms`, `172800` is `2 d`.
    Seconds,
}

/// A power that values are divided by, with the symbol that then follows them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prefix {
    pub(crate) divisor: f64,
    symbol: String,
}

impl Unit {
    /// The unit that a metric's name tells by the
    /// [Prometheus naming convention](https://prometheus.io/docs/practices/naming/).
    pub fn of_metric(name: &str) -> Self {
        let name = name.strip_suffix("_total").unwrap_or(name);
        match name.rsplit(['_', ':']).next() {
            Some("bytes") => Unit::Bytes,
            Some("percent") => Unit::Percent,
            Some("ratio") => Unit::Ratio,
            Some("seconds") => Unit::Seconds,
            _ => Unit::Plain,
        }
    }

    /// The value for a reader, with at most four significant digits.
    pub fn format(self, value: f64) -> String {
        self.prefix(value.abs()).write_short(value)
    }

    /// The prefix under which a magnitude reads best.
    pub(crate) fn prefix(self, magnitude: f64) -> Prefix {
        let (divisor, symbol) = self.base();
        if magnitude == 0.0 || !magnitude.is_finite() {
            return Prefix { divisor, symbol: symbol.to_owned() };
        }
        let ladder = self.ladder();
        let (lowest, highest) = (ladder[0].1, ladder[ladder.len() - 1].1);
        if !(lowest * 1e-4..highest * 1e6).contains(&magnitude) {
            // Beyond the ladder the exponent is written out. The divisor of a subnormal number
            // would be zero.
            let exponent = ((magnitude / divisor).log10() / 3.0).floor().max(-100.0) * 3.0;
            let symbol = format!("e{exponent} {symbol}").trim_end().to_owned();
            return Prefix { divisor: divisor * 10f64.powf(exponent), symbol };
        }
        let &(_, divisor, symbol) = ladder.iter().rev().find(|&&(from, ..)| magnitude >= from).unwrap_or(&ladder[0]);
        Prefix { divisor, symbol: symbol.to_owned() }
    }

    /// The divisor and symbol without any prefix.
    fn base(self) -> (f64, &'static str) {
        match self {
            Unit::Plain => (1.0, ""),
            Unit::Bytes | Unit::BinaryBytes => (1.0, "B"),
            Unit::Percent => (1.0, "%"),
            Unit::Ratio => (0.01, "%"),
            Unit::Seconds => (1.0, "s"),
        }
    }

    /// From which magnitude on which divisor and symbol are used, rising.
    fn ladder(self) -> &'static [(f64, f64, &'static str)] {
        const KI: f64 = 1024.0;
        match self {
            Unit::Plain => &[
                (0.0, 1.0, ""),
                (1e4, 1e3, "k"),
                (1e6, 1e6, "M"),
                (1e9, 1e9, "G"),
                (1e12, 1e12, "T"),
                (1e15, 1e15, "P"),
                (1e18, 1e18, "E"),
            ],
            Unit::Bytes => &[
                (0.0, 1.0, "B"),
                (1e3, 1e3, "kB"),
                (1e6, 1e6, "MB"),
                (1e9, 1e9, "GB"),
                (1e12, 1e12, "TB"),
                (1e15, 1e15, "PB"),
                (1e18, 1e18, "EB"),
            ],
            Unit::BinaryBytes => &[
                (0.0, 1.0, "B"),
                (KI, KI, "KiB"),
                (KI * KI, KI * KI, "MiB"),
                (KI * KI * KI, KI * KI * KI, "GiB"),
                (KI * KI * KI * KI, KI * KI * KI * KI, "TiB"),
                (KI * KI * KI * KI * KI, KI * KI * KI * KI * KI, "PiB"),
            ],
            Unit::Percent => &[(0.0, 1.0, "%")],
            Unit::Ratio => &[(0.0, 0.01, "%")],
            Unit::Seconds => &[
                (0.0, 1e-9, "ns"),
                (1e-6, 1e-6, "us"),
                (1e-3, 1e-3, "ms"),
                (1.0, 1.0, "s"),
                (120.0, 60.0, "min"),
                (7200.0, 3600.0, "h"),
                (172_800.0, 86_400.0, "d"),
            ],
        }
    }

    /// The least round step, counted under the prefix, that is not below `least`; with the
    /// decimals that its multiples need.
    pub(crate) fn round_step(self, prefix: &Prefix, least: f64) -> (f64, usize) {
        let clock: &[f64] = match prefix.symbol.as_str() {
            "min" => &[1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0],
            "h" => &[1.0, 2.0, 3.0, 6.0, 12.0, 24.0],
            _ => &[],
        };
        if let Some(&step) = clock.iter().find(|&&step| step >= least && least > 0.5) {
            return (step, 0);
        }
        if self == Unit::BinaryBytes {
            let exponent = least.log2().ceil();
            return (exponent.exp2(), (-exponent).clamp(0.0, 9.0) as usize);
        }
        let exponent = least.log10().floor();
        let power = 10f64.powf(exponent);
        let step = [1.0, 2.0, 5.0].into_iter().map(|round| round * power).find(|&step| step >= least * (1.0 - 1e-9));
        let decimals = if step.is_some() { -exponent } else { -exponent - 1.0 };
        (step.unwrap_or(10.0 * power), decimals.clamp(0.0, 9.0) as usize)
    }
}

impl Prefix {
    /// The value with a fixed number of decimals, so that labels of one axis look alike.
    pub(crate) fn write(&self, value: f64, decimals: usize) -> String {
        let scaled = value / self.divisor;
        if scaled == 0.0 {
            return "0".to_owned();
        }
        self.with_symbol(&format!("{scaled:.decimals$}"))
    }

    /// The value with at most four significant digits and no trailing zeros.
    pub(crate) fn write_short(&self, value: f64) -> String {
        let scaled = value / self.divisor;
        if !scaled.is_finite() {
            return match scaled {
                f64::INFINITY => "inf".to_owned(),
                f64::NEG_INFINITY => "-inf".to_owned(),
                _ => "NaN".to_owned(),
            };
        }
        let whole_digits = scaled.abs().max(f64::MIN_POSITIVE).log10().floor() as i64 + 1;
        let decimals = (4 - whole_digits).clamp(0, 12) as usize;
        let digits = format!("{scaled:.decimals$}");
        let digits = match digits.contains('.') {
            true => digits.trim_end_matches('0').trim_end_matches('.'),
            false => &digits,
        };
        match digits {
            "0" | "-0" => "0".to_owned(),
            digits => self.with_symbol(digits),
        }
    }

    fn with_symbol(&self, digits: &str) -> String {
        match self.symbol.as_str() {
            "" => digits.to_owned(),
            exponent if exponent.starts_with('e') => format!("{digits}{exponent}"),
            symbol => format!("{digits} {symbol}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_naturally() {
        let cases = [
            (Unit::Plain, 120.0, "120"),
            (Unit::Plain, 1500.0, "1500"),
            (Unit::Plain, 12_000.0, "12 k"),
            (Unit::Plain, -1.5e9, "-1.5 G"),
            (Unit::Plain, 0.0125, "0.0125"),
            (Unit::Plain, 2.5e-12, "2.5e-12"),
            (Unit::Plain, 1.25e-5, "12.5e-6"),
            (Unit::Plain, 3e300, "3e300"),
            (Unit::Plain, 5e-324, "0"),
            (Unit::Ratio, 2e9, "200e9 %"),
            (Unit::Plain, f64::NAN, "NaN"),
            (Unit::Plain, f64::INFINITY, "inf"),
            (Unit::Bytes, 1.5e9, "1.5 GB"),
            (Unit::BinaryBytes, 1.5 * 1024.0 * 1024.0 * 1024.0, "1.5 GiB"),
            (Unit::Percent, 55.0, "55 %"),
            (Unit::Ratio, 0.555, "55.5 %"),
            (Unit::Ratio, 0.0, "0"),
            (Unit::Seconds, 0.25, "250 ms"),
            (Unit::Seconds, 5e-5, "50 us"),
            (Unit::Seconds, 90.0, "90 s"),
            (Unit::Seconds, 259_200.0, "3 d"),
            (Unit::Seconds, 1e30, "1e30 s"),
        ];
        for (unit, value, text) in cases {
            assert_eq!(unit.format(value), text);
        }
    }

    #[test]
    fn names_tell_units() {
        assert_eq!(Unit::of_metric("node_memory_SUnreclaim_bytes"), Unit::Bytes);
        assert_eq!(Unit::of_metric("process_cpu_seconds_total"), Unit::Seconds);
        assert_eq!(Unit::of_metric("instance:disk_used:ratio"), Unit::Ratio);
        assert_eq!(Unit::of_metric("http_requests_total"), Unit::Plain);
    }
}
