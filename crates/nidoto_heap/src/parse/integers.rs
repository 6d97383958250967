//! Unsigned integers out of text, eight digits at a time.

use super::stream::PADDING;

/// Reads numbers from a chunk's text, front to back.
pub(super) struct Integers<'a> {
    /// Text and padding.
    text: &'a [u8],
    at: usize,
}

const ZEROS: u64 = 0x3030_3030_3030_3030;

impl<'a> Integers<'a> {
    /// `text` ends in `PADDING` bytes that are no digits.
    pub(super) fn new(text: &'a [u8]) -> Self {
        debug_assert!(text.len() >= PADDING, "a chunk is padded");
        Integers { text, at: 0 }
    }

    /// Where the next byte is read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// The number that begins here and the separator behind it. `None` where no number begins or it needs more than 64 bits.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<u64> {
        let word = u64::from_le_bytes(*self.text.get(self.at..)?.first_chunk::<8>()?);
        let digits = word ^ ZEROS;
        // The lowest byte with its high bit set here is the first that is no digit: all before it are at most 9.
        let others = (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080;
        if others == 0 {
            // Most targets in a file of a gigabyte have eight digits, and end there.
            return match self.text.get(self.at + 8) {
                Some(b'0'..=b'9') => self.long(eight_digits(digits)),
                _ => {
                    self.at += 9;
                    Some(eight_digits(digits))
                }
            };
        }
        let bits = others.trailing_zeros() & !7;
        if bits == 0 {
            return self.after_blank();
        }
        self.at += (bits >> 3) as usize + 1;
        Some(eight_digits(digits << (64 - bits)))
    }

    /// Like `next`, quicker where the number has one digit.
    #[inline(always)]
    pub(super) fn digit(&mut self) -> Option<u64> {
        match self.text.get(self.at..self.at + 2)? {
            [digit, b','] if digit.is_ascii_digit() => {
                self.at += 2;
                Some(u64::from(digit - b'0'))
            }
            _ => self.next(),
        }
    }

    /// A number of more than eight digits.
    #[cold]
    fn long(&mut self, head: u64) -> Option<u64> {
        self.at += 8;
        let mut value = head;
        while let Some(digit) = self.text.get(self.at).map(|c| c.wrapping_sub(b'0')).filter(|&d| d <= 9) {
            value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
            self.at += 1;
        }
        self.at += 1;
        Some(value)
    }

    /// The number behind white space and the comma that V8 writes at the start of a line.
    #[inline(never)]
    fn after_blank(&mut self) -> Option<u64> {
        let blank =
            self.text.get(self.at..)?.iter().take_while(|c| matches!(c, b',' | b'\n' | b'\r' | b' ' | b'\t')).count();
        if blank == 0 || !self.text.get(self.at + blank)?.is_ascii_digit() {
            return None;
        }
        self.at += blank;
        self.next()
    }

    /// Steps over the comma that begins a line, so that the next number is read at once.
    #[inline(always)]
    pub(super) fn skip_comma(&mut self) {
        self.at += usize::from(self.text.get(self.at) == Some(&b','));
    }
}

/// The value of eight digits, the first in the lowest byte: pairs, then fours, then all, in three multiplications.
/// Source: D. Lemire, "Quickly parsing eight digits", 2018.
#[inline(always)]
fn eight_digits(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let low = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    low.wrapping_add(high) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str) -> Vec<Option<u64>> {
        let padded = [text.as_bytes(), &[0; PADDING]].concat();
        let mut integers = Integers::new(&padded);
        let mut out = Vec::new();
        while integers.position() < text.len() {
            let value = integers.next();
            out.push(value);
            if value.is_none() {
                break;
            }
        }
        out
    }

    #[test]
    fn lengths_and_separators() {
        assert_eq!(all("1,23\n,45678901,18446744073709551615"), [Some(1), Some(23), Some(45_678_901), Some(u64::MAX)]);
        assert_eq!(all("18446744073709551616"), [None]);
        assert_eq!(all("x"), [None]);
        assert_eq!(all("1,-2"), [Some(1), None]);
    }

    proptest! {
        #[test]
        fn any_numbers_are_read_back(values in prop::collection::vec(any::<u64>().prop_map(|v| v >> (v % 64)), 1..20)) {
            let text: Vec<String> = values.iter().map(u64::to_string).collect();
            prop_assert_eq!(all(&text.join(",")), values.into_iter().map(Some).collect::<Vec<_>>());
        }
    }
}
