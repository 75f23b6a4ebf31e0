//! Limits on guesses and mails, per account and per network address, in RAM.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use innerworld_core::{clock::Timestamp, hash::sha256};

use crate::rates::network;

/// Most windows held; beyond it new keys are refused until old ones end.
const MAX_WINDOWS: usize = 100_000;

/// How often something may be tried in its window.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Wrong passwords per account in 15 minutes.
    pub passwords_per_account: u32,
    /// Wrong passwords per address in 15 minutes.
    pub passwords_per_address: u32,
    /// Code guesses per account in an hour.
    pub codes_per_account: u32,
    /// Code guesses per address in an hour.
    pub codes_per_address: u32,
    /// Mails per account in an hour.
    pub mails_per_account: u32,
    /// Mails per address in an hour.
    pub mails_per_address: u32,
    /// Sign-ins begun in a browser, per address in an hour.
    pub sign_ins_per_address: u32,
    /// Messages that claim to come from Apple and do not, per address in an hour.
    pub forgeries_per_address: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            passwords_per_account: 10,
            passwords_per_address: 200,
            codes_per_account: 20,
            codes_per_address: 200,
            mails_per_account: 5,
            mails_per_address: 100,
            sign_ins_per_address: 300,
            forgeries_per_address: 600,
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Counted {
    Password,
    Code,
    Mail,
    SignIn,
    Forgery,
}

struct Window {
    since: Timestamp,
    count: u32,
}

/// The counters. Keys are hashed, so that RAM holds no list of addresses.
pub(crate) struct Limits {
    rates: Rates,
    windows: Mutex<HashMap<[u8; 32], Window>>,
}

impl Limits {
    pub(crate) fn new(rates: Rates) -> Self {
        Self {
            rates,
            windows: Mutex::default(),
        }
    }

    /// Counts one try; false if the limit of the account or of the address is reached.
    ///
    /// The name counts whether or not such an account exists, so the answer tells nothing.
    pub(crate) fn admit(
        &self,
        what: Counted,
        name: &str,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> bool {
        let (per_account, per_address) = self.of(what);
        // The address first: a single address cannot fill the table with made-up names.
        address
            .is_none_or(|ip| self.hit(key(what, &network(ip).to_string()), per_address, what, now))
            && self.hit(key(what, name), per_account, what, now)
    }

    /// A right try was no guess: takes back the tries of the account, and this one of the address,
    /// from which a whole school may sign in.
    pub(crate) fn forgive(&self, what: Counted, name: &str, address: Option<IpAddr>) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.remove(&key(what, name));
        let address = address.map(|ip| key(what, &network(ip).to_string()));
        if let Some(window) = address.and_then(|key| windows.get_mut(&key)) {
            window.count = window.count.saturating_sub(1);
        }
    }

    fn of(&self, what: Counted) -> (u32, u32) {
        let rates = &self.rates;
        match what {
            Counted::Password => (rates.passwords_per_account, rates.passwords_per_address),
            Counted::Code => (rates.codes_per_account, rates.codes_per_address),
            Counted::Mail => (rates.mails_per_account, rates.mails_per_address),
            // Nobody is named yet: only the address is counted.
            Counted::SignIn => (u32::MAX, rates.sign_ins_per_address),
            Counted::Forgery => (u32::MAX, rates.forgeries_per_address),
        }
    }

    fn hit(&self, key: [u8; 32], limit: u32, what: Counted, now: Timestamp) -> bool {
        let length = match what {
            Counted::Password => Duration::from_secs(15 * 60),
            Counted::Code | Counted::Mail | Counted::SignIn | Counted::Forgery => {
                Duration::from_secs(3_600)
            }
        };
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= MAX_WINDOWS {
            let hour = Duration::from_secs(3_600);
            windows.retain(|_, window| now.since(window.since) < hour);
        }
        if windows.len() >= MAX_WINDOWS && !windows.contains_key(&key) {
            return false;
        }
        let window = windows.entry(key).or_insert(Window {
            since: now,
            count: 0,
        });
        // A clock that jumped back must not lock anybody out until it has caught up.
        window.since = window.since.min(now);
        if now.since(window.since) >= length {
            *window = Window {
                since: now,
                count: 0,
            };
        }
        if window.count >= limit {
            return false;
        }
        window.count += 1;
        true
    }
}

fn key(what: Counted, name: &str) -> [u8; 32] {
    sha256(format!("{what:?}|{name}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_back_neither_forgets_guesses_nor_locks_out_for_the_jump() {
        let rates = Rates {
            passwords_per_account: 2,
            ..Rates::default()
        };
        let limits = Limits::new(rates);
        let at = |minutes: i64| Timestamp::from_millis(1_700_000_000_000 + minutes * 60_000);
        let guess = |now| limits.admit(Counted::Password, "robin@example.org", None, now);
        assert!(guess(at(600)) && guess(at(600)));
        assert!(!guess(at(0)), "ten hours back: still counted");
        assert!(!guess(at(14)));
        assert!(guess(at(15)), "the window is as long as ever");
    }
}
