//! A zip with one program in it.

use std::io::{Cursor, Write as _};

use anyhow::Context;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// The name that `provided.al2023` starts.
const NAME: &str = "bootstrap";
/// Everybody may run it: Lambda does as a user of its own.
const MODE: u32 = 0o755;

/// The zip of a program: the same bytes for the same program. Its time is 1 January 1980.
pub(super) fn write(program: &[u8]) -> anyhow::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(MODE);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(NAME, options)
        .context("could not begin the zip")?;
    zip.write_all(program)?;
    Ok(zip.finish().context("could not end the zip")?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_zip_has_one_program_and_is_the_same_every_time() {
        let program = b"\x7fELF and so on".repeat(1_000);
        let one = write(&program).unwrap();
        assert_eq!(one, write(&program).unwrap());
        assert!(one.len() < program.len());
        let mut read = zip::ZipArchive::new(Cursor::new(one)).unwrap();
        assert_eq!(read.len(), 1);
        let mut file = read.by_index(0).unwrap();
        assert_eq!(file.name().unwrap(), NAME);
        assert_eq!(file.unix_mode(), Some(0o100_755));
        assert_eq!(file.last_modified(), Some(DateTime::default()));
        let mut found = Vec::new();
        file.read_to_end(&mut found).unwrap();
        assert_eq!(found, program);
    }
}
