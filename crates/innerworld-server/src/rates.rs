//! How often somebody may come, by name or by network address, in RAM.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use innerworld_core::{clock::Timestamp, conversation::limits::Bucket};

/// Most entries of a table; above it full buckets are dropped. Newcomers who find no room come in
/// uncounted: what comes from so many addresses at once must not keep a teen out.
const MAX_ENTRIES: usize = 65_536;
/// A full table is gone through so often at most.
const SWEEP: Duration = Duration::from_secs(1);

/// Token buckets by key.
#[derive(Debug)]
pub(crate) struct Buckets<K> {
    per_minute: u32,
    table: Mutex<Table<K>>,
}

#[derive(Debug)]
struct Table<K> {
    buckets: HashMap<K, Bucket>,
    swept: Option<Timestamp>,
}

impl<K: Hash + Eq> Buckets<K> {
    /// Buckets that hold what may come in a minute, and fill again within one.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            table: Mutex::new(Table {
                buckets: HashMap::new(),
                swept: None,
            }),
        }
    }

    /// Counts one visit; how long to wait if it is one too many.
    pub(crate) fn take(&self, key: K, now: Timestamp) -> Result<(), Duration> {
        let size = self.per_minute;
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if table.buckets.len() >= MAX_ENTRIES {
            if table.swept.is_none_or(|swept| now.since(swept) >= SWEEP) {
                table.swept = Some(now);
                // Whoever has a full bucket again loses nothing by being forgotten.
                table
                    .buckets
                    .retain(|_, bucket| !bucket.is_full(size, size, now));
            }
            if table.buckets.len() >= MAX_ENTRIES && !table.buckets.contains_key(&key) {
                return Ok(());
            }
        }
        let full = || Bucket::full(size, now);
        table
            .buckets
            .entry(key)
            .or_insert_with(full)
            .take(size, size, now)
    }
}

/// Whom an address stands for: itself, or of IPv6 the /64 that one customer has.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => IpAddr::V4(ip),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_customer_is_one_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }

    #[test]
    fn a_full_table_forgets_nobody_who_waits_and_keeps_nobody_out() {
        let buckets = Buckets::new(1);
        let at = |second: i64| Timestamp::from_millis(1_700_000_000_000 + second * 1_000);
        for key in 0..MAX_ENTRIES {
            buckets.take(key, at(0)).unwrap();
        }
        for _ in 0..3 {
            buckets.take(MAX_ENTRIES, at(1)).unwrap();
        }
        buckets.take(7, at(1)).unwrap_err();
        buckets.take(MAX_ENTRIES, at(61)).unwrap();
        buckets.take(MAX_ENTRIES, at(61)).unwrap_err();
    }
}
