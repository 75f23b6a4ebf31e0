# Queues, what starts functions from them, the clock, and the bucket of exports.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      id           = "socket0000"
      api_endpoint = "wss://socket0000.execute-api.eu-central-1.amazonaws.com"
    }
  }

  mock_resource "aws_apigatewayv2_authorizer" {
    defaults = { id = "auth00" }
  }
}

override_resource {
  target          = aws_apigatewayv2_api.http
  override_during = plan
  values = {
    id           = "http000000"
    api_endpoint = "https://http000000.execute-api.eu-central-1.amazonaws.com"
  }
}

variables {
  name_prefix = "innerworld-prod"
  aws_context = { partition = "aws", region = "eu-central-1", account_id = "123456789012" }
  environment = "prod"
  package_dir = "../../tests/packages/arm64"
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
  kms_key_arn              = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  kms_alias_name           = "alias/innerworld-prod"
  model_secret_id          = "innerworld-prod/openai/api-key"
  model_secret_arn_pattern = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:innerworld-prod/openai/api-key-??????"
  apple_secret_id          = "innerworld-prod/apple/signin-key"
  apple_secret_arn_pattern = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:innerworld-prod/apple/signin-key-??????"
  user_pool_id             = "eu-central-1_AbCdEfGhI"
  user_pool_arn            = "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_AbCdEfGhI"
  user_pool_client_id      = "client000"
  issuer                   = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI"
  model_primary            = "anthropic/claude-sonnet"
  model_fallback           = "openai/gpt-mini"

  graph_backend = "neptune"
  neptune = {
    endpoint            = "innerworld-prod-neptune-cluster.cluster-x.eu-central-1.neptune.amazonaws.com"
    reader_endpoint     = "innerworld-prod-neptune-cluster.cluster-ro-x.eu-central-1.neptune.amazonaws.com"
    port                = 8182
    cluster_resource_id = "cluster-ABCDEFGHIJKL"
  }
  vpc = { subnet_ids = ["subnet-a", "subnet-b"], lambda_security_group_id = "sg-graph" }
}

run "queues" {
  command = plan

  assert {
    condition     = { for name, queue in aws_sqs_queue.this : name => queue.visibility_timeout_seconds } == { session-ended = 1800, graph-writes = 360, privacy-jobs = 1800, safety-spool = 330 }
    error_message = "Messages must be hidden for as long as innerworld doctor expects."
  }

  assert {
    condition = alltrue([for name, queue in aws_sqs_queue.this :
      queue.visibility_timeout_seconds >= 6 * aws_lambda_function.this[local.queues[name].consumer].timeout
    ])
    error_message = "A message must be hidden for six times its function's time."
  }

  assert {
    condition     = { for name, queue in aws_sqs_queue.this : name => jsondecode(queue.redrive_policy).maxReceiveCount } == { session-ended = 5, graph-writes = 8, privacy-jobs = 20, safety-spool = 20 }
    error_message = "Messages must be given up after as many deliveries as innerworld doctor expects."
  }

  assert {
    condition     = alltrue([for name, queue in aws_sqs_queue.this : queue.name == "innerworld-prod-${name}.fifo" && queue.fifo_queue])
    error_message = "Queues between functions are FIFO: a teen's jobs keep their order."
  }

  assert {
    condition     = alltrue([for name, queue in aws_sqs_queue.dead_letters : queue.name == "innerworld-prod-${name}-dlq.fifo" && queue.fifo_queue])
    error_message = "What fails in a FIFO queue goes to a FIFO queue of its own."
  }

  assert {
    condition     = toset(keys(aws_sqs_queue.this)) == toset(keys(aws_sqs_queue.dead_letters))
    error_message = "Every queue must have one for what failed."
  }

  assert {
    condition = alltrue([for name, queue in aws_sqs_queue.dead_letters :
      one(jsondecode(queue.redrive_allow_policy).sourceQueueArns) == "arn:aws:sqs:eu-central-1:123456789012:innerworld-prod-${name}.fifo"
    ])
    error_message = "Only its own queue may send to a dead-letter queue."
  }

  assert {
    condition     = alltrue([for queue in aws_sqs_queue.this : queue.content_based_deduplication == false])
    error_message = "Two messages of one text are two messages."
  }

  assert {
    condition     = aws_sqs_queue.failures["turn-failures"].name == "innerworld-prod-turn-failures" && coalesce(aws_sqs_queue.failures["turn-failures"].fifo_queue, false) == false
    error_message = "turn-failures is a standard queue: Lambda sends nothing else to one."
  }

  assert {
    condition     = aws_sqs_queue.failures["turn-failures"].visibility_timeout_seconds == 60
    error_message = "turn-failures must be as innerworld doctor expects."
  }

  assert {
    condition = alltrue([for queue in concat(values(aws_sqs_queue.this), values(aws_sqs_queue.dead_letters), values(aws_sqs_queue.failures)) :
      queue.message_retention_seconds == 1209600 && queue.sqs_managed_sse_enabled && queue.kms_master_key_id == null
    ])
    error_message = "Messages must be kept for 14 days and encrypted, by the service's key unless told otherwise."
  }
}

run "what_starts_functions" {
  command = plan

  assert {
    condition     = toset(keys(aws_lambda_event_source_mapping.queue)) == toset(["session-processor", "graph-writer", "privacy-worker", "session-sweeper"])
    error_message = "Each queue must have its function."
  }

  assert {
    condition     = alltrue([for mapping in aws_lambda_event_source_mapping.queue : mapping.batch_size == 1])
    error_message = "A batch is one message: what fails holds up nothing else."
  }

  assert {
    condition     = alltrue([for mapping in aws_lambda_event_source_mapping.queue : toset(mapping.function_response_types) == toset(["ReportBatchItemFailures"])])
    error_message = "Functions say which message failed."
  }

  assert {
    condition     = alltrue([for name, mapping in aws_lambda_event_source_mapping.queue : mapping.function_name == "arn:aws:lambda:eu-central-1:123456789012:function:innerworld-prod-${name}"])
    error_message = "Each queue must start its own function."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.this["turn-worker"].maximum_retry_attempts == 1 && aws_lambda_function_event_invoke_config.this["turn-worker"].maximum_event_age_in_seconds == 300
    error_message = "A turn is tried once more, within five minutes."
  }

  assert {
    condition     = toset(keys(aws_lambda_function_event_invoke_config.this)) == toset(["turn-worker", "graph-reader", "session-sweeper"])
    error_message = "Every function that nobody waits for must say where its failures go."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.this["session-sweeper"].maximum_retry_attempts == 0
    error_message = "The sweeper is not tried again: a minute later it is called anyway."
  }

  assert {
    condition     = aws_scheduler_schedule.sweeper.schedule_expression == "rate(1 minute)" && one(aws_scheduler_schedule.sweeper.flexible_time_window).mode == "OFF"
    error_message = "The sweeper is called every minute, on the minute."
  }

  assert {
    condition     = jsondecode(one(aws_scheduler_schedule.sweeper.target).input) == { "detail-type" = "Scheduled Event" }
    error_message = "The sweeper knows the clock by this word and refuses any other."
  }

  assert {
    condition     = one(aws_scheduler_schedule.sweeper.target).arn == "arn:aws:lambda:eu-central-1:123456789012:function:innerworld-prod-session-sweeper" && length(one(aws_scheduler_schedule.sweeper.target).dead_letter_config) == 1
    error_message = "The clock calls the sweeper, and what cannot be called is kept."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.scheduler.policy).Statement : one(statement.Action)] == ["lambda:InvokeFunction", "sqs:SendMessage"]
    error_message = "The clock may call its function and say that it could not, and nothing else."
  }

  assert {
    condition     = one(jsondecode(aws_iam_role.scheduler.assume_role_policy).Statement).Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "The clock of this account alone may take the role."
  }
}

run "bucket_of_exports" {
  command = plan

  assert {
    condition     = aws_s3_bucket.exports.bucket == "innerworld-prod-exports-123456789012" && one(aws_lambda_function.this["privacy-worker"].environment).variables["EXPORT_BUCKET"] == aws_s3_bucket.exports.bucket
    error_message = "Functions must know the bucket by its name."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.exports.block_public_acls, aws_s3_bucket_public_access_block.exports.block_public_policy,
      aws_s3_bucket_public_access_block.exports.ignore_public_acls, aws_s3_bucket_public_access_block.exports.restrict_public_buckets,
    ])
    error_message = "Exports must never be public."
  }

  assert {
    condition     = one(jsondecode(aws_s3_bucket_policy.exports.policy).Statement).Effect == "Deny" && one(jsondecode(aws_s3_bucket_policy.exports.policy).Statement).Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "Without TLS the bucket gives nothing."
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.exports.rule).apply_server_side_encryption_by_default).kms_master_key_id == var.kms_key_arn
    error_message = "Exports must be encrypted by the product's key."
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.exports.rule).bucket_key_enabled == false
    error_message = "With a key of the bucket, exports would not be bound to their teen."
  }

  assert {
    condition     = one(one(aws_s3_bucket_lifecycle_configuration.exports.rule).expiration).days == 1 && one(aws_s3_bucket_lifecycle_configuration.exports.rule).status == "Enabled"
    error_message = "Exports must be deleted after a day."
  }

  assert {
    condition     = one(aws_s3_bucket_ownership_controls.exports.rule).object_ownership == "BucketOwnerEnforced"
    error_message = "Lists of access must count for nothing."
  }
}
