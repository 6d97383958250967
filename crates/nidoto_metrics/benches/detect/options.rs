//! What may be asked of the bench.

use super::AnyError;

pub const HELP: &str = "\
scripts/bench-detect [OPTION...]: how good the detectors are, beside peers

  --train          the training half, the worn test halves (former to seventh) and the recorded runs only: all that
                   whoever tunes a detector looks at
  --corpus WORD    only corpora with this word in their name
  --family WORD    only families with this word in their name, for tuning too
  --detector WORD  only detectors with this word in their name
  --failures       also list what was missed and what was false, by family and case (not of the test half)
  --speed          also what 1,000 series of 30 days cost
  --dump CASE      the hourly floor of one case and what nidoto says of it
  --share NUMBER   so much of the generated cases, 1 for all
";

/// What was asked.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub help: bool,
    pub train: bool,
    pub failures: bool,
    pub speed: bool,
    pub corpus: String,
    pub family: String,
    pub detector: String,
    pub dump: Option<String>,
    pub share: f64,
}

impl Options {
    /// Reads them.
    pub fn read(args: impl IntoIterator<Item = String>) -> Result<Self, AnyError> {
        let mut options = Self { share: 1.0, ..Self::default() };
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--help" => options.help = true,
                "--train" => options.train = true,
                "--failures" => options.failures = true,
                "--speed" => options.speed = true,
                "--corpus" => options.corpus = value()?,
                "--family" => options.family = value()?,
                "--detector" => options.detector = value()?,
                "--dump" => options.dump = Some(value()?),
                "--share" => options.share = value()?.parse()?,
                other => return Err(format!("unknown option {other}\n{HELP}").into()),
            }
        }
        Ok(options)
    }

    /// Whether a detector was asked for.
    pub fn wants(&self, detector: &str) -> bool {
        detector.contains(&self.detector) || (self.detector.contains("nidoto") && detector == "leak")
    }
}
