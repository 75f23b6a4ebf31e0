# The alarms that somebody must act on: twelve, and three more with a graph database.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:innerworld-prod-alarms" }
  }
}

variables {
  name_prefix = "innerworld-prod"
  aws_context = { partition = "aws", region = "eu-central-1", account_id = "123456789012" }
  environment = "prod"
  kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  functions = {
    authorizer                = 5
    connect-handler           = 10
    disconnect-handler        = 10
    conversation-handler      = 10
    turn-worker               = 120
    session-processor         = 300
    session-sweeper           = 55
    account-api               = 29
    privacy-worker            = 300
    health-check              = 10
    cognito-pre-sign-up       = 5
    cognito-post-confirmation = 5
    cognito-custom-message    = 5
  }
  websocket_api_id     = "socket0000"
  websocket_stage_name = "prod"
  table_names = {
    live-conversations    = "innerworld-prod-live-conversations"
    websocket-connections = "innerworld-prod-websocket-connections"
    session-context       = "innerworld-prod-session-context"
    sessions              = "innerworld-prod-sessions"
    teens                 = "innerworld-prod-teens"
    memory                = "innerworld-prod-memory"
    teen-keys             = "innerworld-prod-teen-keys"
    counters              = "innerworld-prod-counters"
  }
  queue_names = {
    session-ended = "innerworld-prod-session-ended.fifo"
    graph-writes  = "innerworld-prod-graph-writes.fifo"
    privacy-jobs  = "innerworld-prod-privacy-jobs.fifo"
    safety-spool  = "innerworld-prod-safety-spool.fifo"
    turn-failures = "innerworld-prod-turn-failures"
  }
  dead_letter_queue_names = {
    session-ended-dlq = "innerworld-prod-session-ended-dlq.fifo"
    graph-writes-dlq  = "innerworld-prod-graph-writes-dlq.fifo"
    privacy-jobs-dlq  = "innerworld-prod-privacy-jobs-dlq.fifo"
    safety-spool-dlq  = "innerworld-prod-safety-spool-dlq.fifo"
    async-failures    = "innerworld-prod-async-failures"
  }
}

run "the_twelve" {
  command = plan

  assert {
    condition = output.alarm_names == sort([for name in [
      "websocket-errors", "websocket-latency", "conversation-handler-errors", "turn-worker-errors",
      "session-processor-errors", "turn-worker-throttles", "sessions-tables-throttles",
      "session-ended-age", "dead-letters-not-empty", "safety-spool-not-empty", "crisis-frame-failed",
      "turn-failed",
    ] : "innerworld-prod-${name}"])
    error_message = "There must be these twelve alarms."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.metric) + length(aws_cloudwatch_metric_alarm.expression) + length(aws_cloudwatch_metric_alarm.anomaly) == 12
    error_message = "Every name must be an alarm, and every alarm must be named."
  }

  assert {
    condition = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.metric), values(aws_cloudwatch_metric_alarm.expression)) :
      alarm.treat_missing_data == "notBreaching"
    ])
    error_message = "Most of these metrics are there only when something happens: nothing is no alarm."
  }

  assert {
    condition = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.metric), values(aws_cloudwatch_metric_alarm.expression)) :
      one(alarm.alarm_actions) == "arn:aws:sns:eu-central-1:123456789012:innerworld-prod-alarms" && one(alarm.ok_actions) == one(alarm.alarm_actions)
    ])
    error_message = "Every alarm must go to the topic, and its end too."
  }

  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.metric), values(aws_cloudwatch_metric_alarm.expression)) : length(alarm.alarm_description) > 20])
    error_message = "Every alarm must say what is wrong."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.expression : length(alarm.metric_query) >= 2 && length(alarm.metric_query) <= 11])
    error_message = "An alarm takes ten metrics and their expression."
  }

  assert {
    condition = toset([for query in aws_cloudwatch_metric_alarm.expression["websocket-errors"].metric_query : one(query.metric).metric_name if length(query.metric) > 0]) == toset([
      "IntegrationError", "ExecutionError", "ClientError", "MessageCount",
    ])
    error_message = "These are the metrics that sockets have."
  }

  assert {
    condition = alltrue([for query in aws_cloudwatch_metric_alarm.expression["websocket-errors"].metric_query :
      one(query.metric).dimensions == tomap({ ApiId = "socket0000", Stage = "prod" }) if length(query.metric) > 0
    ])
    error_message = "Metrics of sockets are kept by API and stage."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.expression["websocket-errors"].threshold == 1 && aws_cloudwatch_metric_alarm.expression["websocket-errors"].datapoints_to_alarm == 2 && aws_cloudwatch_metric_alarm.expression["websocket-errors"].evaluation_periods == 3
    error_message = "More than one in a hundred, twice in a quarter of an hour."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["websocket-latency"].extended_statistic == "p95" && aws_cloudwatch_metric_alarm.metric["websocket-latency"].threshold == 5000
    error_message = "One of twenty messages waits longer than 5 s."
  }

  assert {
    condition = toset([for query in aws_cloudwatch_metric_alarm.expression["sessions-tables-throttles"].metric_query :
      join("/", values(one(query.metric).dimensions)) if length(query.metric) > 0
      ]) == toset([
      "innerworld-prod-live-conversations", "SessionIndex/innerworld-prod-live-conversations",
      "UserIndex/innerworld-prod-live-conversations", "innerworld-prod-sessions",
      "SweepIndex/innerworld-prod-sessions",
    ])
    error_message = "Both tables of a talk must be watched, with their indexes."
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.expression["sessions-tables-throttles"].metric_query) == 11
    error_message = "Both tables and three indexes, reads and writes: ten metrics."
  }

  assert {
    condition = toset([for query in aws_cloudwatch_metric_alarm.expression["dead-letters-not-empty"].metric_query :
      one(query.metric).dimensions["QueueName"] if length(query.metric) > 0
    ]) == setunion(toset(values(var.dead_letter_queue_names)), toset(["innerworld-prod-turn-failures"]))
    error_message = "Every queue of what failed must be watched."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["session-ended-age"].threshold == 900 && aws_cloudwatch_metric_alarm.metric["session-ended-age"].metric_name == "ApproximateAgeOfOldestMessage"
    error_message = "A session must not wait a quarter of an hour."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["crisis-frame-failed"].metric_name == "crisis_frame_failed" && aws_cloudwatch_metric_alarm.metric["crisis-frame-failed"].namespace == "InnerWorld" && aws_cloudwatch_metric_alarm.metric["crisis-frame-failed"].dimensions == tomap({ Environment = "prod" })
    error_message = "Metrics of ours are kept by the deployment."
  }

  assert {
    condition = alltrue([for name in ["crisis-frame-failed", "safety-spool-not-empty"] :
      aws_cloudwatch_metric_alarm.metric[name].period == 60 && aws_cloudwatch_metric_alarm.metric[name].evaluation_periods == 1 && aws_cloudwatch_metric_alarm.metric[name].threshold == 0
    ])
    error_message = "What concerns a child in a crisis is told within a minute, at the first time."
  }

  assert {
    condition = { for query in aws_cloudwatch_metric_alarm.expression["turn-failed"].metric_query : query.id => "${one(query.metric).namespace}/${one(query.metric).metric_name}" if length(query.metric) > 0 } == {
      failed = "InnerWorld/turn_failed", turns = "AWS/Lambda/Invocations"
    }
    error_message = "Failed turns are counted against all turns."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.metric : alarm.namespace != "AWS/Neptune"])
    error_message = "Without a graph database it is not watched."
  }

  assert {
    condition     = output.alarms_monthly_usd == 3 && output.alarms_price == "12 alarms (essential) on 30 metrics: USD 3.00 a month at USD 0.10 a metric"
    error_message = "The price must be that of the metrics: each of an expression counts."
  }
}

run "three_more_with_a_graph" {
  command = plan

  variables {
    neptune = {
      cluster_identifier   = "innerworld-prod-neptune-cluster"
      instance_identifiers = ["innerworld-prod-neptune-1"]
      serverless_max_ncu   = 4
    }
  }

  assert {
    condition     = length(output.alarm_names) == 15
    error_message = "A graph database of one instance adds three alarms."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["neptune-1-cpu"].threshold == 80 && aws_cloudwatch_metric_alarm.metric["neptune-1-cpu"].dimensions == tomap({ DBInstanceIdentifier = "innerworld-prod-neptune-1" })
    error_message = "The processor of an instance must be watched."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["neptune-1-memory"].threshold == 268435456 && aws_cloudwatch_metric_alarm.metric["neptune-1-memory"].comparison_operator == "LessThanThreshold"
    error_message = "256 MiB of memory must be left."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["neptune-pending"].threshold == 50 && aws_cloudwatch_metric_alarm.metric["neptune-pending"].dimensions == tomap({ DBClusterIdentifier = "innerworld-prod-neptune-cluster" })
    error_message = "Requests that wait are kept by the cluster."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.metric : alarm.period >= 300 if alarm.namespace == "AWS/Neptune"])
    error_message = "Metrics of the graph come every five minutes."
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this.dashboard_body, "innerworld-prod-neptune-cluster")
    error_message = "The graph must be on the page."
  }
}
