//! What a program needs of the system.

const PREFIX: &[u8] = b"GLIBC_";

/// The highest version of glibc that a program names, as its table of versions writes it:
/// `GLIBC_2.34`. `None` if it names none: it is linked statically.
pub(super) fn highest_glibc(program: &[u8]) -> Option<(u32, u32)> {
    let mut highest = None;
    let mut rest = program;
    while let Some(at) = rest.windows(PREFIX.len()).position(|bytes| bytes == PREFIX) {
        let (_, from) = rest.split_at(at + PREFIX.len());
        highest = highest.max(version(from));
        rest = from;
    }
    highest
}

fn version(text: &[u8]) -> Option<(u32, u32)> {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit() && *byte != b'.')?;
    let (version, _) = text.split_at(end);
    let mut parts = std::str::from_utf8(version).ok()?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_is_by_number() {
        let program = b"\0GLIBC_2.4\0GLIBC_2.34\0memcpy\0GLIBC_2.9\0GLIBC_PRIVATE\0GLIBC_";
        assert_eq!(highest_glibc(program), Some((2, 34)));
        assert_eq!(highest_glibc(b"nothing"), None);
        assert_eq!(highest_glibc(b""), None);
    }
}
