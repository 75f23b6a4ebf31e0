//! A zip with one program in it.

use std::io::{Cursor, Read as _, Write as _};

use anyhow::Context;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

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

/// What a zip holds: the name of the program, who may run it, its bytes.
pub(super) fn read(zip: &[u8]) -> anyhow::Result<(String, u32, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(zip)).context("the zip cannot be read")?;
    let mut file = zip.by_index(0).context("the zip is empty")?;
    let name = file
        .name()
        .context("a name in the zip is no text")?
        .into_owned();
    let mode = file.unix_mode().context("nobody may run the program")?;
    let mut program = Vec::new();
    file.read_to_end(&mut program)?;
    Ok((name, mode & 0o777, program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_has_one_program_and_is_the_same_every_time() {
        let program = b"\x7fELF and so on".repeat(1_000);
        let one = write(&program).unwrap();
        assert_eq!(one, write(&program).unwrap());
        assert!(one.len() < program.len());
        let mut files = ZipArchive::new(Cursor::new(&one)).unwrap();
        assert_eq!(files.len(), 1);
        let file = files.by_index(0).unwrap();
        assert_eq!(file.unix_mode(), Some(0o100_755));
        assert_eq!(file.last_modified(), Some(DateTime::default()));
        let (name, mode, found) = read(&one).unwrap();
        assert_eq!((name.as_str(), mode), (NAME, MODE));
        assert_eq!(found, program);
    }
}
