//! Reading numbers and lists out of a payload, as it is being unpacked: a payload beside what is
//! made of it would take as much memory again. Nothing here trusts a length.

use std::io::{self, BufReader, Read};

/// Bytes that are unpacked at a time.
const BUFFER: usize = 32 * 1024;

/// The payload ends before what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the payload ends too early")]
pub(crate) struct Short;

/// What is left of a payload.
pub(crate) struct Bytes<'a> {
    from: Box<dyn Read + 'a>,
    /// How many bytes there should be.
    left: usize,
}

impl std::fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({} left)", self.left)
    }
}

impl<'a> Bytes<'a> {
    /// All of what comes from `payload`, which should be `length` bytes.
    pub(crate) fn new(payload: impl Read + 'a, length: usize) -> Self {
        Self {
            from: Box::new(BufReader::with_capacity(BUFFER, Sips(payload))),
            left: length,
        }
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<Vec<u8>, Short> {
        // Before any memory is taken for them.
        self.left = self.left.checked_sub(count).ok_or(Short)?;
        let mut taken = vec![0; count];
        self.from.read_exact(&mut taken).map_err(|_error| Short)?;
        Ok(taken)
    }

    /// Everything that was not read.
    pub(crate) fn rest(mut self) -> Result<Vec<u8>, Short> {
        let rest = self.take(self.left)?;
        self.end()?;
        Ok(rest)
    }

    /// Makes sure that everything was read.
    pub(crate) fn end(mut self) -> Result<(), Short> {
        let more = self.from.read(&mut [0]).map_err(|_error| Short)?;
        (self.left == 0 && more == 0).then_some(()).ok_or(Short)
    }

    /// The next `count` numbers of one byte.
    pub(crate) fn int8s(&mut self, count: usize) -> Result<Vec<i8>, Short> {
        let taken = self.take(count)?.into_iter();
        Ok(taken.map(u8::cast_signed).collect())
    }

    /// Rising numbers of `bits` bits, as steps from the one before: all lowest bytes first, then
    /// all second ones, and so on. The upper bytes are nearly all zero and pack to nothing.
    pub(crate) fn rising(&mut self, count: usize, bits: u32) -> Result<Vec<u64>, Short> {
        let mut numbers = vec![0_u64; count];
        for shift in (0..bits).step_by(8) {
            for (number, byte) in numbers.iter_mut().zip(self.take(count)?) {
                *number |= u64::from(byte) << shift;
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
        let count: usize = self.u32()?.try_into().map_err(|_error| Short)?;
        let needed = count.checked_mul(each).ok_or(Short)?;
        (needed <= self.left).then_some(count).ok_or(Short)
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        self.left = self.left.checked_sub(N).ok_or(Short)?;
        let mut number = [0; N];
        self.from.read_exact(&mut number).map_err(|_error| Short)?;
        Ok(number)
    }
}

/// Never asks for more than a little: the decoder unpacks all that is asked for before it gives
/// any of it.
struct Sips<R>(R);

impl<R: Read> Read for Sips<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = buffer.len().min(BUFFER);
        self.0.read(buffer.get_mut(..end).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_not_read() {
        let mut bytes = Bytes::new(&[2, 0, 0, 0, 7, 8][..], 6);
        assert_eq!(bytes.count(1), Ok(2));
        assert_eq!(bytes.int8s(2), Ok(vec![7, 8]));
        assert_eq!(bytes.take(1), Err(Short));
        assert_eq!(bytes.end(), Ok(()));
        // Fewer than promised, more than promised, more than there can be.
        assert_eq!(Bytes::new(&[1, 2][..], 3).rest(), Err(Short));
        assert_eq!(Bytes::new(&[1, 2][..], 1).rest(), Err(Short));
        assert_eq!(Bytes::new(&[1, 2][..], 2).rest(), Ok(vec![1, 2]));
        assert_eq!(Bytes::new(&[255; 4][..], 4).count(1), Err(Short));
        assert_eq!(Bytes::new(&[1, 2][..], 2).end(), Err(Short));
    }
}
