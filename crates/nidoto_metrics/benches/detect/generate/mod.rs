//! Generated series with exact truth, written apart from any detector.
//!
//! The training half and the test half have families of their own: other shapes, other parameters, other noise, not
//! only other seeds. Whoever tunes a detector looks at the training half (and at recorded runs), never at the test half.
//! The fresh half came later, from a hand that knew neither a detector nor the test half; it has 28 days as well.

pub mod fresh_counts;
pub mod fresh_healthy;
pub mod fresh_leaks;
mod fresh_memory;
mod fresh_parts;
mod fresh_process;
pub mod fresh_seasons;
mod parts;
mod service;
pub mod test_healthy;
pub mod test_leaks;
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
    Test,
    /// Told by a hand that knew no detector, and asked only when a detector is done.
    Fresh,
}

const TRAIN_DAYS: usize = 21;
const TEST_DAYS: usize = 28;
const FRESH_DAYS: usize = 28;
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
        Half::Test => (test_leaks::FAMILIES.to_vec(), test_healthy::FAMILIES.to_vec()),
        Half::Fresh => (
            [&fresh_leaks::FAMILIES[..], &fresh_counts::LEAKS].concat(),
            [&fresh_healthy::FAMILIES[..], &fresh_seasons::HEALTHY, &fresh_counts::HEALTHY].concat(),
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
        Half::Test => format!("test/{}", family.name),
        Half::Fresh => format!("fresh/{}", family.name),
    };
    let mut random = Random::new(&seed, number);
    let story = (family.tell)(&mut random);
    story.record(&mut random, half, family.name, &format!("{}-{number:02}", family.name))
}
