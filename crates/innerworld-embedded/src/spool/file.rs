//! The spool's file: what of it lies durable, and the writes that keep it so.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::frame::{self, HEADER};
use crate::keys::master::sync_directory;

/// Space set aside, so that changes can still be kept when the disk is full.
const RESERVED: u64 = 256 * 1024;
/// A file that is longer than this is not read: changes of years would not fill it.
const LONGEST: u64 = 64 * 1024 * 1024;

/// An open file and its durable end. Writes go to that end, over whatever a failed one left there.
#[derive(Debug)]
pub(super) struct SpoolFile {
    path: PathBuf,
    file: File,
    end: u64,
}

impl SpoolFile {
    /// Opens or makes the file; returns its bytes, header included.
    pub(super) fn open(path: PathBuf) -> io::Result<(Self, Vec<u8>)> {
        let mut file = options().create(true).truncate(false).open(&path)?;
        let length = file.metadata()?.len();
        if length > LONGEST {
            return Err(io::Error::other("the spool file is too long to be one"));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut opened = Self {
            path,
            file,
            end: length,
        };
        // Empty, or it died while it was made: nothing was ever promised about it.
        if bytes.len() < HEADER {
            bytes = frame::header(1).to_vec();
            opened.end = 0;
            opened.append(&bytes)?;
            opened.sync_name()?;
        }
        reserve(&opened.file);
        Ok((opened, bytes))
    }

    /// Where the next frame goes.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Gives up what lies behind `end`: a frame that was never promised.
    pub(super) fn cut(&mut self, end: u64) -> io::Result<()> {
        self.file.set_len(end)?;
        self.file.sync_data()?;
        self.end = end;
        reserve(&self.file);
        Ok(())
    }

    /// Appends durably, or leaves the end where it was.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = &mut self.file;
        let written = file
            .seek(SeekFrom::Start(self.end))
            .and_then(|_end| file.write_all(bytes))
            .and_then(|()| file.sync_data());
        if let Err(error) = written {
            // If this fails too, the next frame overwrites what is left, or the next start cuts it.
            drop(file.set_len(self.end));
            return Err(error);
        }
        self.end += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Puts a new file with these bytes in the place of this one: all of it, or nothing.
    pub(super) fn replace(&mut self, bytes: &[u8]) -> io::Result<()> {
        let draft = self.path.with_extension("draft");
        let mut file = options().create(true).truncate(true).open(&draft)?;
        file.write_all(bytes)?;
        reserve(&file);
        file.sync_all()?;
        std::fs::rename(&draft, &self.path)?;
        self.file = file;
        self.end = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.sync_name()
    }

    fn sync_name(&self) -> io::Result<()> {
        sync_directory(self.path.parent().unwrap_or(Path::new(".")))
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Best effort: a file system that cannot set space aside serves as well until it is full.
#[cfg(target_os = "linux")]
fn reserve(file: &File) {
    let flags = rustix::fs::FallocateFlags::KEEP_SIZE;
    if let Err(error) = rustix::fs::fallocate(file, flags, 0, RESERVED) {
        tracing::debug!(error = %error, "no space could be set aside for safety changes");
    }
}

#[cfg(not(target_os = "linux"))]
fn reserve(_file: &File) {
    tracing::debug!(
        bytes = RESERVED,
        "this system sets no space aside for safety changes"
    );
}
