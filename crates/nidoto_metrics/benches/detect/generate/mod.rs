//! Generated series with exact truth, written apart from any detector.
//!
//! The halves have families of their own: other shapes, other parameters, other noise, not only other seeds. Whoever
//! tunes a detector looks at the training half, at the worn test halves and at recorded runs, never at the test half.
//! A test half wears out: when its results have shaped a detector, it trains, and another hand, which knows no
//! detector and no result, tells a new one. Each half is a folder; what they share stands beside the folders.

mod fifth;
mod former;
mod fourth;
mod parts;
mod second;
mod service;
mod seventh;
mod sixth;
mod test;
mod third;
mod train;

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
    /// The first test half, until its results shaped a detector.
    Former,
    /// The next one, until its results shaped a detector.
    Second,
    /// The one after it, until its results shaped a detector.
    Third,
    /// And the one after that, until its results shaped a detector.
    Fourth,
    /// And the one after that.
    Fifth,
    /// And the one after that.
    Sixth,
    /// And the one after that.
    Seventh,
    /// Told by a hand that knew no detector, and asked only when a detector is done.
    Test,
}

const TRAIN_DAYS: usize = 21;
/// Of the test half, and of those that were it.
const TEST_DAYS: usize = 28;
pub const LEAKS_EACH: u64 = 20;
pub const HEALTHY_EACH: u64 = 25;

/// Families whose value includes the page cache: nobody can tell a leak in them.
pub const PAGE_CACHE: &str = "page-cache";

/// The leaks and the healthy families of a half.
pub fn families(half: Half) -> [Vec<Family>; 2] {
    match half {
        Half::Train => train::families(),
        Half::Former => former::families(),
        Half::Second => second::families(),
        Half::Third => third::families(),
        Half::Fourth => fourth::families(),
        Half::Fifth => fifth::families(),
        Half::Sixth => sixth::families(),
        Half::Seventh => seventh::families(),
        Half::Test => test::families(),
    }
}

/// The cases of a half, of the families with a word in their name: `share` of them (1.0 for all, at least one of each).
pub fn cases(half: Half, word: &str, share: f64) -> Vec<Case> {
    let [leaks, healthy] = families(half);
    let all = leaks.iter().map(|f| (f, LEAKS_EACH)).chain(healthy.iter().map(|f| (f, HEALTHY_EACH)));
    let some = |each: u64| ((each as f64 * share) as u64).max(1);
    let wanted = all.filter(|(family, _)| family.name.contains(word));
    wanted.flat_map(|(family, each)| (0..some(each)).map(|number| case(half, family, number))).collect()
}

fn case(half: Half, family: &Family, number: u64) -> Case {
    // A half that wears out moves its folder; its series stay what they were.
    let seed = match half {
        Half::Train => format!("train/{}", family.name),
        Half::Former => format!("former/{}", family.name),
        Half::Second => format!("test/{}", family.name),
        Half::Third => format!("third/{}", family.name),
        Half::Fourth => format!("fourth/{}", family.name),
        Half::Fifth => format!("fifth/{}", family.name),
        Half::Sixth => format!("sixth/{}", family.name),
        Half::Seventh => format!("seventh/{}", family.name),
        Half::Test => format!("eighth/{}", family.name),
    };
    let mut random = Random::new(&seed, number);
    let story = (family.tell)(&mut random);
    story.record(&mut random, half, family.name, &format!("{}-{number:02}", family.name))
}
