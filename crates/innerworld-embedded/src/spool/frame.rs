//! The form of the spool's file: a header, then frames, appended only.
//!
//! Header: a mark and the lowest handle that was never given. Frame: length of the sealed change,
//! handle, sealed change; a length of zero says that the change of this handle was removed.

/// First bytes of the file, with its format's number.
const MARK: [u8; 8] = *b"IWspool1";
/// Bytes of the header.
pub(super) const HEADER: usize = 16;
/// Bytes of a frame before its sealed change.
pub(super) const LEAD: usize = 12;
/// Longest sealed change: one is a few hundred bytes.
pub(super) const LONGEST: usize = 64 * 1024;

pub(super) fn header(next: u64) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    let (mark, handle) = bytes.split_at_mut(MARK.len());
    mark.copy_from_slice(&MARK);
    handle.copy_from_slice(&next.to_be_bytes());
    bytes
}

/// The lowest free handle of a file; `None` if this is no whole header of ours.
pub(super) fn read_header(bytes: &[u8]) -> Option<u64> {
    let (mark, rest) = bytes.split_first_chunk::<8>()?;
    let (handle, _) = rest.split_first_chunk::<8>()?;
    (*mark == MARK).then(|| u64::from_be_bytes(*handle))
}

pub(super) fn write(handle: u64, sealed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(LEAD + sealed.len());
    let length = u32::try_from(sealed.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&handle.to_be_bytes());
    bytes.extend_from_slice(sealed);
    bytes
}

/// A frame as it lies in the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) handle: u64,
    /// Empty for a removal.
    pub(super) sealed: &'a [u8],
}

/// The first frame of `bytes` and what follows it; `None` where no whole frame begins.
pub(super) fn read(bytes: &[u8]) -> Option<(Frame<'_>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (handle, rest) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let handle = u64::from_be_bytes(*handle);
    // Zeros are what a file system leaves where data never arrived.
    if handle == 0 || length > LONGEST {
        return None;
    }
    let (sealed, rest) = rest.split_at_checked(length)?;
    Some((Frame { handle, sealed }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_frame_is_none() {
        let bytes = write(7, b"sealed");
        for cut in 0..bytes.len() {
            assert_eq!(read(&bytes[..cut]), None, "{cut}");
        }
        let frame = Frame {
            handle: 7,
            sealed: b"sealed",
        };
        assert_eq!(read(&bytes), Some((frame, &b""[..])));
        assert_eq!(read(&[0; 64]), None);
        assert_eq!(read_header(&header(9)), Some(9));
        assert_eq!(read_header(&header(9)[..15]), None);
    }
}
