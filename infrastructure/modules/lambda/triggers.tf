# What starts functions, beside the gateway: queues, calls that nobody waits for, and the clock.

locals {
  consumers = { for name, function in local.functions : name => function if function.queue != null }

  # Retries and age (s) of calls that nobody waits for. Lambda waits a minute before its first retry. The
  # sweeper is called again a minute later anyway.
  async = {
    turn-worker     = { retries = 1, age_s = 300 }
    graph-reader    = { retries = 1, age_s = 120 }
    session-sweeper = { retries = 0, age_s = 60 }
  }
}

resource "aws_lambda_event_source_mapping" "queue" {
  for_each = local.consumers

  function_name = local.call_arns[each.key]

  # With one message a batch a long one holds up nothing but its own teen.
  batch_size              = 1
  event_source_arn        = aws_sqs_queue.this[each.value.queue].arn
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = merge(var.tags, { Purpose = each.value.purpose })

  depends_on = [aws_lambda_function.this, aws_lambda_alias.live]
}

resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = local.failures

  function_name = local.function_full_names[each.key]

  maximum_event_age_in_seconds = local.async[each.key].age_s
  maximum_retry_attempts       = local.async[each.key].retries
  qualifier                    = contains(keys(local.provisioned), each.key) ? local.alias : null

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures[each.value].arn
    }
  }

  depends_on = [aws_lambda_function.this, aws_lambda_alias.live]
}

resource "aws_iam_role" "scheduler" {
  name = "${var.name_prefix}-scheduler"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      # The service acts for this account alone.
      Condition = { StringEquals = { "aws:SourceAccount" = var.aws_context.account_id } }
    }]
  })

  description = "Calls session-sweeper of ${var.name_prefix} every minute"
  tags        = merge(var.tags, { Purpose = "state" })
}

resource "aws_iam_role_policy" "scheduler" {
  name = "call"
  role = aws_iam_role.scheduler.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for part in [
      {
        needed = true
        statement = {
          Effect   = "Allow"
          Action   = ["lambda:InvokeFunction"]
          Resource = local.call_arns["session-sweeper"]
        }
      },
      {
        needed = true
        statement = {
          Effect   = "Allow"
          Action   = ["sqs:SendMessage"]
          Resource = local.failure_arns["session-sweeper"]
        }
      },
      {
        needed = var.encrypt_tables_with_product_key
        statement = {
          Effect    = "Allow"
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = var.kms_key_arn
          Condition = { StringEquals = { "kms:ViaService" = "sqs.${var.aws_context.region}.${local.dns_suffix}" } }
        }
      },
    ] : part.statement if part.needed]
  })
}

resource "aws_scheduler_schedule" "sweeper" {
  # checkov:skip=CKV_AWS_297:not applicable: what the clock says is one fixed word
  name                = "${var.name_prefix}-session-sweeper"
  schedule_expression = "rate(1 minute)"

  description = "Looks after sessions, jobs and retention"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = local.call_arns["session-sweeper"]
    role_arn = aws_iam_role.scheduler.arn

    # The word by which the function tells the clock from a queue.
    input = jsonencode({ "detail-type" = "Scheduled Event" })

    dead_letter_config {
      arn = aws_sqs_queue.failures["async-failures"].arn
    }

    # A minute later it is called again.
    retry_policy {
      maximum_event_age_in_seconds = 60
      maximum_retry_attempts       = 0
    }
  }

  depends_on = [aws_iam_role_policy.scheduler, aws_lambda_function.this, aws_lambda_alias.live]
}
