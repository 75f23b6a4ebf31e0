# What is refused. A run costs a plan, so variables share runs: each variable that a run names must be
# refused, or the run fails.

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

run "names_of_another_form" {
  command = plan

  variables {
    name_prefix             = "InnerWorld"
    aws_context             = { partition = "aws", region = "eu-central-1", account_id = "1" }
    environment             = "production"
    alarm_level             = "all"
    alarm_email             = "nobody"
    functions               = { turn-worker = 120 }
    table_names             = { sessions = "innerworld-prod-sessions" }
    queue_names             = { session-ended = "innerworld-prod-session-ended.fifo" }
    dead_letter_queue_names = {}
    tags                    = { "AWS:owner" = "nobody" }
  }

  expect_failures = [
    var.name_prefix,
    var.aws_context,
    var.environment,
    var.alarm_level,
    var.alarm_email,
    var.functions,
    var.table_names,
    var.queue_names,
    var.dead_letter_queue_names,
    var.tags,
  ]
}

run "function_of_more_than_900_s_and_more_queues_than_an_alarm_takes" {
  command = plan

  variables {
    functions               = { conversation-handler = 10, turn-worker = 901, session-processor = 300 }
    dead_letter_queue_names = { for number in range(10) : "q${number}" => "q${number}" }
  }

  expect_failures = [var.functions, var.dead_letter_queue_names]
}
