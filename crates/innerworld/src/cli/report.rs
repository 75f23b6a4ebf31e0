//! `innerworld report`: a year's referral notices, read beside a running server or without one.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use innerworld_core::safety::{
    content::Content,
    report::{Actions, Query, Report as Referrals},
};

use super::{
    flags::{ConfigFlags, ListenFlags},
    output,
};
use crate::{config::safety_files::SafetyFiles, wire};

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(crate) struct Report {
    #[command(flatten)]
    config: ConfigFlags,
    /// The calendar year, by days of UTC
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i16).range(2_020..=9_999))]
    year: i16,
    /// Only teens whose profile is of this jurisdiction, such as US-CA; US takes its regions in
    #[arg(long, value_name = "LABEL")]
    jurisdiction: Option<String>,
    /// Tell counts below 5 exactly: for the authority that asked, not to be shared
    #[arg(long)]
    authority: bool,
    /// Print one JSON object instead of text
    #[arg(long)]
    json: bool,
}

impl Report {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let loaded = self.config.load(&ListenFlags::default())?;
        let content = match &loaded.safety {
            Some(own) => own.content()?,
            None => SafetyFiles::read(None)?.content()?,
        };
        self.check_label(&content)?;
        let query = Query {
            year: self.year,
            jurisdiction: self.jurisdiction.as_deref(),
            exact: self.authority,
        };
        let (from, to) = query.days();
        let counts = wire::stores::counts(&loaded, (&from, &to))?;
        let report = Referrals::of(&counts, query, &content);
        if self.json {
            output::json(&report)?;
        } else {
            output::write(&text(&report))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// A label that nobody is counted under is a mistake, not a zero.
    fn check_label(&self, content: &Content) -> anyhow::Result<()> {
        let labels = content.report_labels();
        match &self.jurisdiction {
            Some(label) if !labels.contains(label.as_str()) => bail!(
                "no jurisdiction is reported as {label}: there are {}",
                labels.into_iter().collect::<Vec<_>>().join(", ")
            ),
            _ => Ok(()),
        }
    }
}

/// The report for people.
fn text(report: &Referrals) -> String {
    use std::fmt::Write as _;
    let total = &report.total;
    let mut text = format!(
        "Referral notices of {}, {}\n\n\
         {:>8}  referral notices (crisis frames and questions)\n\
         {:>8}  crisis frames\n\
         {:>8}  questions\n\
         {:>8}  times help was shown quietly (no referral notice)\n\
         {:>8}  answers of a model stopped (no referral notice)\n",
        report.year,
        report.jurisdiction,
        report.referral_notices,
        total.crisis,
        total.ask,
        total.soft,
        total.output_block,
    );
    if !report.rows.is_empty() {
        text.push_str("\nabout          led to by          crisis       ask      soft   stopped\n");
    }
    for row in &report.rows {
        let Actions {
            crisis,
            ask,
            soft,
            output_block,
        } = row.actions;
        let _infallible = writeln!(
            text,
            "{:14} {:15} {crisis:>9} {ask:>9} {soft:>9} {output_block:>9}",
            row.category, row.tier
        );
    }
    if !report.versions.is_empty() {
        text.push('\n');
    }
    for versions in &report.versions {
        let _infallible = writeln!(
            text,
            "{} to {}: detector {}, helpers {}",
            versions.from, versions.to, versions.detector, versions.resources
        );
    }
    let protocol = &report.protocol;
    let reviewed = if protocol.reviewed {
        "reviewed by a clinician"
    } else {
        "not reviewed by a clinician"
    };
    let _infallible = writeln!(
        text,
        "\n{}, {} ({reviewed})\n\n{}",
        protocol.title, protocol.version, protocol.summary
    );
    if !report.exact {
        text.push_str("\nCounts below 5 are shown as <5, none included.\n");
    }
    text
}
