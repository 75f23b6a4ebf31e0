//! Throttling: what can be tried now, and how to ask for what was.

use std::time::Duration;

use innerworld_core::{clock::Timestamp, error::ErrorKind};

use super::{Checkup, Finding, State};
use crate::{
    dynamo::{TABLES, Table},
    health::nobody,
};

const NAME: &str = "throttling";
/// How far back the commands ask.
const BACK: Duration = Duration::from_secs(24 * 3_600);

impl Checkup {
    /// Reads once from each table, and tells how to ask `CloudWatch` for the day that was: its metrics
    /// are another service's, which nothing else here needs.
    pub async fn throttling(&self) -> Finding {
        let (mut throttled, mut unread) = (Vec::new(), 0);
        for schema in TABLES {
            let item = nobody(schema.table);
            let asked = self.aws.shared.dynamo.get("read a table", &item).await;
            match asked.map_err(|error| error.kind()) {
                Ok(_nothing) => {}
                Err(ErrorKind::Throttled) => throttled.push(schema.suffix),
                Err(_) => unread += 1,
            }
        }
        let finding = if !throttled.is_empty() {
            let detail = format!("a read was throttled just now: {}", throttled.join(", "));
            Finding::new(NAME, State::Failed, detail)
        } else if unread > 0 {
            let detail = format!("{unread} tables could not be read");
            Finding::new(NAME, State::NotChecked, detail)
        } else {
            let detail = format!(
                "{} tables answered a read; what was throttled before, only CloudWatch knows",
                TABLES.len()
            );
            Finding::new(NAME, State::Ok, detail)
        };
        let table = self.settings.tables.of(Table::LiveConversations);
        commands(table, self.clock.now())
            .into_iter()
            .fold(finding, Finding::next)
    }
}

fn commands(table: &str, now: Timestamp) -> Vec<String> {
    let (from, until) = (now.minus(BACK).to_rfc3339(), now.to_rfc3339());
    let ask = |metric: &str, operation: &str| {
        format!(
            "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name {metric} \
             --dimensions Name=TableName,Value={table}{operation} --start-time {from} --end-time \
             {until} --period 300 --statistics Sum"
        )
    };
    vec![
        ask("ThrottledRequests", " Name=Operation,Value=TransactWriteItems"),
        "ask so for each operation (GetItem, Query, PutItem, UpdateItem, DeleteItem, BatchWriteItem, \
         TransactWriteItems) of each table: ThrottledRequests has the dimensions TableName and \
         Operation together, so that with TableName alone no data comes back, throttled or not"
            .to_owned(),
        ask("WriteThrottleEvents", ""),
        "ReadThrottleEvents and WriteThrottleEvents have TableName alone".to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttled_requests_are_asked_for_with_the_operation() {
        let now = Timestamp::parse_rfc3339("2026-11-27T01:00:00Z").unwrap();
        let commands = commands("p-live-conversations", now);
        let first = commands.first().unwrap();
        assert!(first.contains(
            "--dimensions Name=TableName,Value=p-live-conversations \
             Name=Operation,Value=TransactWriteItems --start-time 2026-11-26T01:00:00"
        ));
        for command in commands
            .iter()
            .filter(|command| command.starts_with("aws "))
        {
            let is_throttled = command.contains("ThrottledRequests");
            assert_eq!(
                is_throttled,
                command.contains("Name=Operation"),
                "{command}"
            );
        }
    }
}
