//! Generated series with exact truth, written apart from any detector.
//!
//! The halves have families of their own: other shapes, other parameters, other noise, not only other seeds. Whoever
//! tunes a detector looks at the training half, at the former test half and at recorded runs, never at the test half.
//! A test half wears out: when its results have shaped a detector, it trains, and another hand, which knows no
//! detector and no result, tells a new one.

pub mod former_healthy;
pub mod former_leaks;
mod parts;
mod service;
pub mod test_counts;
pub mod test_healthy;
pub mod test_leaks;
mod test_memory;
mod test_parts;
mod test_process;
pub mod test_seasons;
pub mod train_harder;
pub mod train_healthy;
pub mod train_leaks;

use crate::detect::case::Case;
use crate::detect::random::Random;
use service::Story;

/// A kind of story.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// Tells one.
    pub tell: fn(&mut Random) -> Story,
}

/// Which half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    Train,
    /// It was the test half until its results shaped a detector.
    Former,
    /// Told by a hand that knew no detector, and asked only when a detector is done.
    Test,
}

const TRAIN_DAYS: usize = 21;
const FORMER_DAYS: usize = 28;
const TEST_DAYS: usize = 28;
pub const LEAKS_EACH: u64 = 20;
pub const HEALTHY_EACH: u64 = 25;

/// Families whose value includes the page cache: nobody can tell a leak in them.
pub const PAGE_CACHE: &str = "page-cache";

/// The cases of a half, of the families with a word in their name: `share` of them (1.0 for all, at least one of each).
pub fn cases(half: Half, word: &str, share: f64) -> Vec<Case> {
    let (leaks, healthy): (Vec<Family>, Vec<Family>) = match half {
        Half::Train => (
            [&train_leaks::FAMILIES[..], &train_harder::LEAKS].concat(),
            [&train_healthy::FAMILIES[..], &train_harder::HEALTHY].concat(),
        ),
        Half::Former => (former_leaks::FAMILIES.to_vec(), former_healthy::FAMILIES.to_vec()),
        Half::Test => (
            [&test_leaks::FAMILIES[..], &test_counts::LEAKS].concat(),
            [&test_healthy::FAMILIES[..], &test_seasons::HEALTHY, &test_counts::HEALTHY].concat(),
        ),
    };
    let all = leaks.iter().map(|f| (f, LEAKS_EACH)).chain(healthy.iter().map(|f| (f, HEALTHY_EACH)));
    let some = |each: u64| ((each as f64 * share) as u64).max(1);
    let wanted = all.filter(|(family, _)| family.name.contains(word));
    wanted.flat_map(|(family, each)| (0..some(each)).map(|number| case(half, family, number))).collect()
}

fn case(half: Half, family: &Family, number: u64) -> Case {
    let seed = match half {
        Half::Train => format!("train/{}", family.name),
        Half::Former => format!("former/{}", family.name),
        Half::Test => format!("test/{}", family.name),
    };
    let mut random = Random::new(&seed, number);
    let story = (family.tell)(&mut random);
    story.record(&mut random, half, family.name, &format!("{}-{number:02}", family.name))
}
