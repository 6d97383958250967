//! A set of small numbers, one bit each.

/// A set of node ordinals or ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// Room for the numbers below `len`.
    pub(crate) fn new(len: usize) -> Bits {
        Bits(vec![0; len / 64 + 1])
    }

    /// The set of these numbers, all below `len`.
    pub(crate) fn of(len: usize, numbers: impl Iterator<Item = u32>) -> Bits {
        let mut bits = Bits::new(len);
        for number in numbers {
            bits.insert(number);
        }
        bits
    }

    /// The set with these words.
    pub(crate) fn from_words(words: Vec<u64>) -> Bits {
        Bits(words)
    }

    /// 64 numbers a word, the lowest first.
    pub(crate) fn words(&self) -> &[u64] {
        &self.0
    }

    /// All numbers, in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.0.iter().zip((0..).step_by(64)).flat_map(|(word, first)| {
            let rest =
                std::iter::successors(Some(*word).filter(|w| *w != 0), |w| Some(w & (w - 1)).filter(|w| *w != 0));
            rest.map(move |w| first + w.trailing_zeros())
        })
    }

    #[inline(always)]
    pub(crate) fn contains(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Adds a number within the room; true where it was not there before.
    #[inline(always)]
    pub(crate) fn insert(&mut self, number: u32) -> bool {
        let word = &mut self.0[number as usize / 64];
        let before = *word;
        *word |= 1 << (number % 64);
        *word != before
    }

    /// Takes a number out; true where it was there before.
    pub(crate) fn remove(&mut self, number: u32) -> bool {
        let was_there = self.contains(number);
        if was_there {
            self.0[number as usize / 64] &= !(1 << (number % 64));
        }
        was_there
    }
}
