//! Reading numbers and lists out of a payload. Nothing here trusts a length.

/// The payload ends before what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the payload ends too early")]
pub struct Short;

/// What is left of a payload.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    /// All of `payload`.
    pub const fn new(payload: &'a [u8]) -> Self {
        Self(payload)
    }

    /// Whether everything was read.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`Short`] if there are not as many.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Short> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Short)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next `count` numbers of one byte.
    ///
    /// # Errors
    /// [`Short`] if there are not as many.
    pub fn int8s(&mut self, count: usize) -> Result<Vec<i8>, Short> {
        let taken = self.take(count)?;
        Ok(taken.iter().map(|byte| byte.cast_signed()).collect())
    }

    /// The next number of four bytes.
    ///
    /// # Errors
    /// [`Short`] if there is none.
    pub fn u32(&mut self) -> Result<u32, Short> {
        self.number().map(u32::from_le_bytes)
    }

    /// The next number of eight bytes.
    ///
    /// # Errors
    /// [`Short`] if there is none.
    pub fn u64(&mut self) -> Result<u64, Short> {
        self.number().map(u64::from_le_bytes)
    }

    /// The next floating-point number of four bytes; what is no number counts as missing.
    ///
    /// # Errors
    /// [`Short`] if there is none.
    pub fn f32(&mut self) -> Result<f32, Short> {
        let number = self.number().map(f32::from_le_bytes)?;
        number.is_finite().then_some(number).ok_or(Short)
    }

    /// A text with its length before it.
    ///
    /// # Errors
    /// [`Short`] if it is not all there or no UTF-8.
    pub fn text(&mut self) -> Result<&'a str, Short> {
        let length = self.u32()?;
        let bytes = self.take(length.try_into().map_err(|_error| Short)?)?;
        std::str::from_utf8(bytes).map_err(|_error| Short)
    }

    /// A count of items that take at least `each` bytes: more than fit are refused before any
    /// memory is taken for them.
    ///
    /// # Errors
    /// [`Short`] if as many cannot follow.
    pub fn count(&mut self, each: usize) -> Result<usize, Short> {
        let count: usize = self.u32()?.try_into().map_err(|_error| Short)?;
        let needed = count.checked_mul(each).ok_or(Short)?;
        (needed <= self.0.len()).then_some(count).ok_or(Short)
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        let (number, rest) = self.0.split_first_chunk().ok_or(Short)?;
        self.0 = rest;
        Ok(*number)
    }
}
