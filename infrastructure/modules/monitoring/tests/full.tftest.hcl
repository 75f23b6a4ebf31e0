# All alarms, the topic and the page.

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

run "everything" {
  command = plan

  variables {
    alarm_level = "full"
    alarm_email = "operators@example.org"
    neptune = {
      cluster_identifier   = "innerworld-prod-neptune-cluster"
      instance_identifiers = ["innerworld-prod-neptune-1", "innerworld-prod-neptune-2"]
      serverless_max_ncu   = 4
    }
  }

  assert {
    condition = alltrue(flatten([for name in keys(var.functions) : [for kind in ["errors", "throttles", "duration"] :
      contains(keys(aws_cloudwatch_metric_alarm.metric), "${name}-${kind}")
    ]]))
    error_message = "Errors, throttles and time of every function must be watched."
  }

  assert {
    condition = alltrue([for name, seconds in var.functions :
      aws_cloudwatch_metric_alarm.metric["${name}-duration"].threshold == seconds * 800 && aws_cloudwatch_metric_alarm.metric["${name}-duration"].extended_statistic == "p95"
    ])
    error_message = "A function must stay below four fifths of its time."
  }

  assert {
    condition = alltrue(flatten([for name in keys(var.table_names) : [for kind in ["throttles", "system-errors", "throttled-requests"] :
      contains(keys(aws_cloudwatch_metric_alarm.expression), "${name}-${kind}")
    ]]))
    error_message = "Throttles and errors of every table must be watched."
  }

  assert {
    condition = alltrue(flatten([for alarm in aws_cloudwatch_metric_alarm.expression : [for query in alarm.metric_query :
      toset(keys(one(query.metric).dimensions)) == toset(["TableName", "Operation"])
      if length(query.metric) > 0 && contains(["SystemErrors", "ThrottledRequests"], try(one(query.metric).metric_name, ""))
    ]]))
    error_message = "Asked for by the table alone, these metrics say nothing, ever."
  }

  assert {
    condition = alltrue(flatten([for alarm in aws_cloudwatch_metric_alarm.expression : [for query in alarm.metric_query :
      !contains(keys(one(query.metric).dimensions), "Operation")
      if length(query.metric) > 0 && endswith(try(one(query.metric).metric_name, ""), "ThrottleEvents")
    ]]))
    error_message = "Throttle events are kept by table or index, and by no operation."
  }

  assert {
    condition     = alltrue([for name in ["session-ended", "graph-writes", "privacy-jobs", "safety-spool"] : contains(keys(aws_cloudwatch_metric_alarm.metric), "${name}-age")])
    error_message = "No queue may keep work waiting unseen."
  }

  assert {
    condition     = alltrue([for name in concat(keys(var.dead_letter_queue_names), ["turn-failures", "safety-spool"]) : contains(keys(aws_cloudwatch_metric_alarm.metric), "${name}-not-empty")])
    error_message = "Each queue of what failed must be watched by itself."
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.expression), "dead-letters-not-empty") && !contains(keys(aws_cloudwatch_metric_alarm.expression), "sessions-tables-throttles")
    error_message = "What is watched one by one is not watched, and paid for, together as well."
  }

  assert {
    condition     = alltrue([for name in ["websocket-errors", "turn-failed"] : contains(keys(aws_cloudwatch_metric_alarm.expression), name)]) && alltrue([for name in ["websocket-latency", "crisis-frame-failed"] : contains(keys(aws_cloudwatch_metric_alarm.metric), name)])
    error_message = "What is essential must be there too."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.anomaly["websocket-connects"].threshold_metric_id == "band" && aws_cloudwatch_metric_alarm.anomaly["websocket-connects"].comparison_operator == "LessThanLowerOrGreaterThanUpperThreshold"
    error_message = "Unusual numbers of sockets must be told, too many and too few."
  }

  assert {
    condition     = one(one([for query in aws_cloudwatch_metric_alarm.anomaly["websocket-connects"].metric_query : query if query.id == "usual"]).metric).metric_name == "ConnectCount" && aws_cloudwatch_metric_alarm.anomaly["websocket-connects"].datapoints_to_alarm == 3
    error_message = "Sockets that are opened are the measure, three times in a row."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.anomaly["websocket-connects"].treat_missing_data == "notBreaching" && length(aws_cloudwatch_metric_alarm.anomaly["websocket-connects"].alarm_actions) == 1
    error_message = "The anomaly must be told as any alarm."
  }

  assert {
    condition     = alltrue([for instance in ["neptune-1", "neptune-2"] : alltrue([for kind in ["cpu", "memory", "lag"] : contains(keys(aws_cloudwatch_metric_alarm.metric), "${instance}-${kind}")])])
    error_message = "Every instance of the graph must be watched."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["neptune-capacity"].threshold == 4 && aws_cloudwatch_metric_alarm.metric["neptune-capacity"].evaluation_periods == 6
    error_message = "A graph that has been as large as it may for half an hour must be told."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.expression : length(alarm.metric_query) >= 2 && length(alarm.metric_query) <= 11])
    error_message = "An alarm takes ten metrics and their expression."
  }

  assert {
    condition = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.metric), values(aws_cloudwatch_metric_alarm.expression)) :
      alarm.treat_missing_data == "notBreaching" && length(alarm.alarm_actions) == 1
    ])
    error_message = "Every alarm must say what nothing means, and go to the topic."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.metric : !contains(["4XXError", "5XXError", "4xx", "5xx"], alarm.metric_name)])
    error_message = "Sockets have no such metrics."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.metric : !contains(["cache_read_share", "provider_denied"], alarm.metric_name)])
    error_message = "No function writes these: an alarm on them would be none."
  }

  assert {
    condition     = length(output.alarm_names) == 87 && output.alarms_price == "87 alarms (full) on 183 metrics: USD 18.30 a month at USD 0.10 a metric"
    error_message = "Number and price of all alarms."
  }

  assert {
    condition     = aws_sns_topic_subscription.email[0].endpoint == "operators@example.org" && aws_sns_topic_subscription.email[0].protocol == "email"
    error_message = "Alarms must be mailed to whoever is named."
  }
}

run "a_graph_that_does_not_grow" {
  command = plan

  variables {
    alarm_level = "full"
    neptune     = { cluster_identifier = "innerworld-prod-neptune-cluster", instance_identifiers = ["innerworld-prod-neptune-1"] }
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.metric), "neptune-capacity")
    error_message = "An instance of a fixed size has no such metric."
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.metric), "neptune-1-lag")
    error_message = "A graph database without readers has no lag."
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "Nobody is mailed who is not named."
  }
}

run "topic_and_page" {
  command = plan

  assert {
    condition     = aws_sns_topic.this.name == "innerworld-prod-alarms" && aws_sns_topic.this.kms_master_key_id == var.kms_key_arn
    error_message = "What alarms say must be encrypted by the product's key."
  }

  assert {
    condition     = jsondecode(aws_sns_topic_policy.this.policy).Statement[0].Principal.Service == "cloudwatch.amazonaws.com" && jsondecode(aws_sns_topic_policy.this.policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "Alarms of this account alone may use the topic."
  }

  assert {
    condition     = jsondecode(aws_sns_topic_policy.this.policy).Statement[1].Effect == "Deny"
    error_message = "Nobody may use the topic without TLS."
  }

  assert {
    condition     = sum([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : length(widget.properties.metrics)]) <= 50
    error_message = "A page of more than fifty metrics is never free."
  }

  assert {
    condition     = alltrue([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.x + widget.width <= 24 && widget.properties.region == "eu-central-1"])
    error_message = "The page must fit, and show this region."
  }

  assert {
    condition     = aws_cloudwatch_dashboard.this.dashboard_name == "innerworld-prod-overview"
    error_message = "The page must be found by the prefix."
  }
}
