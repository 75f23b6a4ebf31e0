//! Rules by country and region of the profile.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;

use super::super::verdict::ChatMode;
use super::resources::is_country;
use crate::identity::{consent::MemoryMode, profile::AgeBand};

/// `jurisdictions.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) row: Vec<Jurisdiction>,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jurisdiction {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Region, `CA`; none for the whole country.
    pub region: Option<String>,
    /// Youngest age without a parent's consent.
    pub age_floor: u8,
    /// What each age band may do.
    pub mode: BTreeMap<AgeBand, ChatMode>,
    /// Minutes of active time between "not human" notices.
    pub notice_every_min: u32,
    /// Which disclosure.
    pub disclosure_id: String,
    /// Memory until the teen chooses.
    pub memory_default: MemoryMode,
    /// Label in counters and reports.
    pub report_label: String,
    /// The emergency number.
    pub emergency_number: String,
    /// When a lawyer checked the row.
    pub verified_on: Option<Date>,
}

const BANDS: [AgeBand; 3] = [AgeBand::From13To15, AgeBand::From16To17, AgeBand::From18];

impl Jurisdiction {
    /// What a band may do; what is not said is not allowed.
    pub fn mode_of(&self, band: AgeBand) -> ChatMode {
        self.mode.get(&band).copied().unwrap_or(ChatMode::Refused)
    }
}

impl Table {
    pub(super) fn check(&self, disclosures: &BTreeSet<&str>, mistakes: &mut Vec<String>) {
        let mut seen = BTreeSet::new();
        for row in &self.row {
            let name = row.name();
            let mut wrong = |text: &str| mistakes.push(format!("row {name}: {text}"));
            if !seen.insert((row.country.as_str(), row.region.as_deref())) {
                wrong("is there twice");
            }
            if !is_country(&row.country) {
                wrong("country must be two capital letters");
            }
            if !(13..=21).contains(&row.age_floor) {
                wrong("age_floor must be 13 to 21");
            }
            if !(1..=180).contains(&row.notice_every_min) {
                wrong("notice_every_min must be 1 to 180");
            }
            if BANDS.iter().any(|band| !row.mode.contains_key(band)) {
                wrong("mode must name 13-15, 16-17 and 18+");
            }
            if row.report_label.is_empty() {
                wrong("report_label must not be empty");
            }
            let digits = row
                .emergency_number
                .bytes()
                .all(|byte| byte.is_ascii_digit());
            if !digits || !(2..=6).contains(&row.emergency_number.len()) {
                wrong("emergency_number must be 2 to 6 digits");
            }
            if !disclosures.contains(row.disclosure_id.as_str()) {
                wrong("disclosure_id is not in every disclosures file");
            }
        }
        if self.row.is_empty() {
            mistakes.push("there is no row".to_owned());
        }
    }

    /// The row for places that none fits: the strictest value of every column.
    pub(super) fn strictest(&self) -> Option<Jurisdiction> {
        let first = self.row.first()?;
        let mut strict = Jurisdiction {
            country: "*".to_owned(),
            region: None,
            report_label: "other".to_owned(),
            // Works from most mobile phones, also where another number is the usual one.
            emergency_number: "112".to_owned(),
            verified_on: None,
            ..first.clone()
        };
        for row in &self.row {
            strict.age_floor = strict.age_floor.max(row.age_floor);
            strict.notice_every_min = strict.notice_every_min.min(row.notice_every_min);
            strict.memory_default = strict.memory_default.min(row.memory_default);
            for (band, mode) in &row.mode {
                let entry = strict.mode.entry(*band).or_insert(*mode);
                *entry = (*entry).max(*mode);
            }
        }
        Some(strict)
    }
}

impl Jurisdiction {
    fn name(&self) -> String {
        self.region.as_ref().map_or_else(
            || self.country.clone(),
            |region| format!("{}-{region}", self.country),
        )
    }
}
