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

/// A set of numbers, each with its place among them: columns for a few of many need room for these only.
#[derive(Debug)]
pub(crate) struct Ranked {
    bits: Bits,
    /// How many numbers come before each word.
    before: Vec<u32>,
    len: usize,
}

impl Ranked {
    pub(crate) fn new(bits: Bits) -> Ranked {
        let mut sum = 0;
        let mut before = Vec::with_capacity(bits.0.len());
        for word in &bits.0 {
            before.push(sum);
            sum += word.count_ones();
        }
        Ranked { bits, before, len: sum as usize }
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub(crate) fn contains(&self, number: u32) -> bool {
        self.bits.contains(number)
    }

    /// All numbers, in the order of their ranks.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.bits.iter()
    }

    /// How many smaller numbers there are; `None` where this one is not in the set.
    #[inline(always)]
    pub(crate) fn rank(&self, number: u32) -> Option<usize> {
        let word = *self.bits.0.get(number as usize / 64)?;
        let bit = 1u64 << (number % 64);
        let before = || self.before[number as usize / 64] + (word & (bit - 1)).count_ones();
        (word & bit != 0).then(|| before() as usize)
    }
}
