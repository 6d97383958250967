//! Seeded randomness that is the same on every machine and in every year: `SplitMix64` (Steele et al. 2014).

use std::f64::consts::TAU;
use std::ops::Range;

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of a name and a number: neighbours share nothing.
    pub fn new(name: &str, number: u64) -> Self {
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let mut random = Self(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Evenly from 0 (included) to 1 (not).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Evenly between two numbers.
    pub fn within(&mut self, range: Range<f64>) -> f64 {
        range.start + (range.end - range.start) * self.unit()
    }

    /// One of the whole numbers of a range.
    pub fn pick(&mut self, range: Range<usize>) -> usize {
        range.start + (self.unit() * (range.end - range.start) as f64) as usize
    }

    /// True so often.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Normal, mean 0, standard deviation 1 (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (TAU * self.unit()).cos()
    }

    /// Student's t with three degrees of freedom: heavy tails, finite variance.
    pub fn student(&mut self) -> f64 {
        let squares = self.normal().powi(2) + self.normal().powi(2) + self.normal().powi(2);
        self.normal() / (squares / 3.0).sqrt().max(1e-3)
    }

    /// Log-normal with median 1.
    pub fn lognormal(&mut self, sigma: f64) -> f64 {
        (sigma * self.normal()).exp()
    }

    /// Exponential with mean 1: the wait for something that happens at random.
    pub fn wait(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }
}
