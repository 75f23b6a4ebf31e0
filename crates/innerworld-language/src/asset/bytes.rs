//! Reading numbers and lists out of a payload. Nothing here trusts a length.

/// The payload ends before what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the payload ends too early")]
pub(crate) struct Short;

/// What is left of a payload.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// All of `payload`.
    pub(crate) const fn new(payload: &'a [u8]) -> Self {
        Self(payload)
    }

    /// Whether everything was read.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Short> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Short)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Everything that was not read.
    pub(crate) const fn rest(self) -> &'a [u8] {
        self.0
    }

    /// The next `count` numbers of one byte.
    pub(crate) fn int8s(&mut self, count: usize) -> Result<Vec<i8>, Short> {
        let taken = self.take(count)?;
        Ok(taken.iter().map(|byte| byte.cast_signed()).collect())
    }

    /// Rising numbers of `bits` bits, as steps from the one before: all lowest bytes first, then
    /// all second ones, and so on. The upper bytes are nearly all zero and pack to nothing.
    pub(crate) fn rising(&mut self, count: usize, bits: u32) -> Result<Vec<u64>, Short> {
        let mut numbers = vec![0_u64; count];
        for shift in (0..bits).step_by(8) {
            for (number, byte) in numbers.iter_mut().zip(self.take(count)?) {
                *number |= u64::from(*byte) << shift;
            }
        }
        let mut last = 0_u64;
        for number in &mut numbers {
            last = last.checked_add(*number).ok_or(Short)?;
            *number = last;
        }
        Ok(numbers)
    }

    /// The next whole number of four bytes.
    pub(crate) fn u32(&mut self) -> Result<u32, Short> {
        self.number().map(u32::from_le_bytes)
    }

    /// The next floating-point number of four bytes; what is no number counts as missing.
    pub(crate) fn f32(&mut self) -> Result<f32, Short> {
        let number = self.number().map(f32::from_le_bytes)?;
        number.is_finite().then_some(number).ok_or(Short)
    }

    /// A count of items that take at least `each` bytes: more than fit are refused before any
    /// memory is taken for them.
    pub(crate) fn count(&mut self, each: usize) -> Result<usize, Short> {
        let count: usize = u32::from_le_bytes(self.number()?)
            .try_into()
            .map_err(|_error| Short)?;
        let needed = count.checked_mul(each).ok_or(Short)?;
        (needed <= self.0.len()).then_some(count).ok_or(Short)
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        let (number, rest) = self.0.split_first_chunk().ok_or(Short)?;
        self.0 = rest;
        Ok(*number)
    }
}
