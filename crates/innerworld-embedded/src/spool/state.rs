//! What waits in the spool, in memory and in its file alike.

use std::{collections::BTreeMap, io};

use innerworld_core::{
    safety::SafetyCommit,
    seal::{Sealer, decode},
};
use zeroize::Zeroizing;

use super::{
    file::SpoolFile,
    frame::{self, HEADER, LEAD},
};

/// More changes than this are refused: the store has been away for very long.
const MOST: usize = 4_096;
/// A file with more dead bytes than this, and more than live ones, is written anew.
const DEAD: u64 = 64 * 1024;

/// Sealed changes by handle; handles rise, so this is their order.
pub(super) struct State {
    /// `None` in memory.
    file: Option<SpoolFile>,
    waiting: BTreeMap<u64, Vec<u8>>,
    next: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            file: None,
            waiting: BTreeMap::new(),
            next: 1,
        }
    }
}

impl State {
    /// What waits in a file. A torn last frame goes: it was never promised.
    pub(super) fn read(
        (mut file, bytes): (SpoolFile, Vec<u8>),
        sealer: &Sealer,
    ) -> io::Result<Self> {
        let mut next = frame::read_header(&bytes)
            .ok_or_else(|| io::Error::other("it is no spool of safety changes"))?;
        let mut waiting = BTreeMap::new();
        let mut rest = bytes.get(HEADER..).unwrap_or_default();
        while let Some((frame, behind)) = frame::read(rest) {
            let torn = behind.is_empty()
                && !frame.sealed.is_empty()
                && open(sealer, frame.handle, frame.sealed).is_none();
            if torn {
                break;
            }
            if frame.sealed.is_empty() {
                waiting.remove(&frame.handle);
            } else {
                waiting.insert(frame.handle, frame.sealed.to_vec());
            }
            next = next.max(frame.handle + 1);
            rest = behind;
        }
        if !rest.is_empty() {
            tracing::warn!(
                bytes = rest.len(),
                "cut off the torn end of the safety spool"
            );
            file.cut(length(bytes.len() - rest.len()))?;
        }
        Ok(Self {
            file: Some(file),
            waiting,
            next,
        })
    }

    /// Sealed changes, oldest first.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let waiting = self.waiting.iter();
        waiting.map(|(handle, sealed)| (*handle, sealed.as_slice()))
    }

    /// The handle of the next change; none is ever given twice.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    pub(super) fn append(&mut self, handle: u64, sealed: Vec<u8>) -> io::Result<()> {
        if self.waiting.len() >= MOST || sealed.len() > frame::LONGEST {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        if let Some(file) = &mut self.file {
            file.append(&frame::write(handle, &sealed))?;
        }
        self.waiting.insert(handle, sealed);
        self.next = handle + 1;
        Ok(())
    }

    /// Removes one durably; removing what is not there succeeds.
    pub(super) fn remove(&mut self, handle: u64) -> io::Result<()> {
        if !self.waiting.contains_key(&handle) {
            return Ok(());
        }
        if let Some(file) = &mut self.file {
            file.append(&frame::write(handle, &[]))?;
        }
        self.waiting.remove(&handle);
        let live = self.live_bytes();
        let dead = self
            .file
            .as_ref()
            .map_or(0, |file| file.end().saturating_sub(live));
        if self.waiting.is_empty() || dead > DEAD.max(live) {
            // The removal itself is durable; a long file can wait for a better hour.
            if let Err(error) = self.compact() {
                tracing::warn!(error = %error, "could not shorten the safety spool");
            }
        }
        Ok(())
    }

    fn live_bytes(&self) -> u64 {
        let frames: usize = self
            .waiting
            .values()
            .map(|sealed| LEAD + sealed.len())
            .sum();
        length(HEADER + frames)
    }

    /// Writes the file anew with what still waits.
    pub(super) fn compact(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let mut bytes = frame::header(self.next).to_vec();
        for (handle, sealed) in &self.waiting {
            bytes.extend(frame::write(*handle, sealed));
        }
        file.replace(&bytes)
    }
}

/// The change of this handle, if the bytes are whole.
pub(super) fn open(sealer: &Sealer, handle: u64, sealed: &[u8]) -> Option<SafetyCommit> {
    let plain = sealer.open_bytes(&associated(handle), sealed).ok()?;
    decode(&Zeroizing::new(plain)).ok()
}

/// A change opens only under its own handle.
pub(super) fn associated(handle: u64) -> [u8; 14] {
    let mut data = *b"spool/00000000";
    if let Some(place) = data.last_chunk_mut::<8>() {
        *place = handle.to_be_bytes();
    }
    data
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
