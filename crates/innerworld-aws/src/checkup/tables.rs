//! The tables: whether they are as they must be, cannot be lost, and keep nothing too long.

use super::{Checkup, Finding, State};
use crate::{
    dynamo::{TABLES, Table},
    tables::safeguards::Guarded,
};

const SHAPE: &str = "tables";
const PROTECTION: &str = "table_protection";
const BACKUPS: &str = "table_backups";

impl Checkup {
    /// Existence, keys, indexes and expiry; protection against deletion; backups.
    pub async fn tables(&self) -> Vec<Finding> {
        let mut findings = self.shapes().await;
        match self.tables.guarded().await {
            Ok(found) if found.is_empty() => {}
            Ok(found) => {
                findings.push(protection(&found));
                findings.extend(self.backups(&found).await);
            }
            Err(error) => findings.push(Finding::of_error(PROTECTION, State::NotChecked, &error)),
        }
        findings
    }

    async fn shapes(&self) -> Vec<Finding> {
        let differences = match self.tables.differences().await {
            Ok(differences) => differences,
            Err(error) => return vec![Finding::of_error(SHAPE, State::Failed, &error)],
        };
        if differences.is_empty() {
            let detail = format!(
                "{} tables of {} are as they must be",
                TABLES.len(),
                self.prefix
            );
            return vec![Finding::new(SHAPE, State::Ok, detail)];
        }
        let of_each = differences.into_iter().map(|found| {
            let detail = format!("{} {}", found.table, found.what);
            Finding::new(SHAPE, State::Failed, detail)
        });
        let mut findings: Vec<_> = of_each.collect();
        if let Some(last) = findings.last_mut() {
            last.next.push(format!(
                "apply Terraform; without it, `innerworld tables create` with storage.aws.prefix = \
                 \"{}\" makes what is missing and mends nothing that is there",
                self.prefix
            ));
        }
        findings
    }

    async fn backups(&self, found: &[Guarded]) -> Vec<Finding> {
        let mut kept = Vec::new();
        for table in found {
            match self.tables.recoverable_days(&table.name).await {
                Ok(days) => kept.push((table, days)),
                // Where one is not answered, none is: a right that is missing.
                Err(error) => {
                    return vec![Finding::of_error(BACKUPS, State::NotChecked, &error)];
                }
            }
        }
        backups(&kept)
    }
}

fn protection(found: &[Guarded]) -> Finding {
    let bare: Vec<&str> = found
        .iter()
        .filter(|table| !table.protected)
        .map(|table| table.name.as_str())
        .collect();
    if bare.is_empty() {
        return Finding::new(PROTECTION, State::Ok, "no table can be deleted by mistake");
    }
    let detail = format!("can be deleted by mistake: {}", bare.join(", "));
    bare.iter().fold(
        Finding::new(PROTECTION, State::Warn, detail),
        |finding, name| {
            finding.next(format!(
                "aws dynamodb update-table --table-name {name} --deletion-protection-enabled"
            ))
        },
    )
}

/// For how many days a table should be recoverable; `None` for what must not outlive its day.
const fn wanted(table: Table) -> Option<i32> {
    match table {
        Table::LiveConversations | Table::Connections | Table::SessionContext | Table::Sessions => {
            None
        }
        Table::Teens | Table::Memory | Table::TeenKeys => Some(7),
        Table::Counters => Some(35),
    }
}

fn backups(kept: &[(&Guarded, Option<i32>)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (table, days) in kept {
        let name = &table.name;
        match (table.table, wanted(table.table), days) {
            (_, None, Some(days)) => findings.push(
                Finding::new(
                    BACKUPS,
                    State::Warn,
                    format!("{name} is kept in backups for {days} days, and must not outlive its day"),
                )
                .next(specified(name, "PointInTimeRecoveryEnabled=false")),
            ),
            (Table::TeenKeys, Some(most), Some(days)) if *days > most => findings.push(
                Finding::new(
                    BACKUPS,
                    State::Warn,
                    format!(
                        "{name} can be restored for {days} days: for so long an erase can be undone, \
                         and the privacy notice must say so"
                    ),
                )
                .next(specified(name, &on(most))),
            ),
            (_, Some(days), None) => findings.push(
                Finding::new(BACKUPS, State::Warn, format!("{name} is not backed up"))
                    .next(specified(name, &on(days))),
            ),
            _ => {}
        }
    }
    if findings.is_empty() {
        let detail = "what lasts is backed up, what ends within a day is not";
        findings.push(Finding::new(BACKUPS, State::Ok, detail));
    }
    findings
}

fn on(days: i32) -> String {
    format!("PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays={days}")
}

fn specified(table: &str, how: &str) -> String {
    format!(
        "aws dynamodb update-continuous-backups --table-name {table} \
         --point-in-time-recovery-specification {how}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(table: Table, days: Option<i32>) -> Finding {
        let table = Guarded {
            table,
            name: "p-x".to_owned(),
            protected: true,
        };
        backups(&[(&table, days)]).remove(0)
    }

    #[test]
    fn what_must_end_is_not_backed_up_and_keys_come_back_for_a_week_at_most() {
        for (table, days, state, said) in [
            (Table::LiveConversations, Some(35), State::Warn, "false"),
            (Table::LiveConversations, None, State::Ok, ""),
            (Table::TeenKeys, Some(35), State::Warn, "Days=7"),
            (Table::TeenKeys, Some(7), State::Ok, ""),
            (Table::Teens, None, State::Warn, "Days=7"),
            (Table::Counters, Some(35), State::Ok, ""),
        ] {
            let found = told(table, days);
            assert_eq!(found.state, state, "{table:?} {days:?}");
            assert!(found.next.concat().contains(said), "{:?}", found.next);
        }
    }
}
