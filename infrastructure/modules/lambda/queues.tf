# Work between functions. One group a teen, so what concerns a teen keeps its order. A body points to
# something and never is it.

locals {
  # Deliveries before a message is given up, and for how long a received one is hidden: six times its
  # function's time at least, or it would be worked on twice.
  queues = {
    session-ended = { consumer = "session-processor", visibility_s = 1800, receives = 5, purpose = "memory" }
    graph-writes  = { consumer = "graph-writer", visibility_s = 360, receives = 8, purpose = "graph" }
    privacy-jobs  = { consumer = "privacy-worker", visibility_s = 1800, receives = 20, purpose = "identity" }
    safety-spool  = { consumer = "session-sweeper", visibility_s = 330, receives = 20, purpose = "state" }
  }

  visibility_s = {
    for name, queue in local.queues :
    name => max(queue.visibility_s, 6 * local.configured[queue.consumer].timeout_s)
  }

  # Where calls end that nobody waits for and that failed for good. Failed turns are told apart: each is a
  # teen who was not answered.
  failures = {
    for name, queue in {
      turn-worker     = "turn-failures"
      graph-reader    = "async-failures"
      session-sweeper = "async-failures"
    } : name => queue if contains(keys(local.functions), name)
  }

  queue_names = merge(
    { for name in keys(local.queues) : name => "${var.name_prefix}-${name}.fifo" },
    { turn-failures = "${var.name_prefix}-turn-failures" },
  )
  dead_letter_queue_names = merge(
    { for name in keys(local.queues) : "${name}-dlq" => "${var.name_prefix}-${name}-dlq.fifo" },
    { async-failures = "${var.name_prefix}-async-failures" },
  )

  queue_urls = {
    for name, queue in local.queue_names :
    name => "https://sqs.${var.aws_context.region}.${local.dns_suffix}/${var.aws_context.account_id}/${queue}"
  }
  failure_arns = {
    for function, queue in local.failures :
    function => "${local.arn.sqs}:${merge(local.queue_names, local.dead_letter_queue_names)[queue]}"
  }

  # Longest that SQS keeps anything.
  fourteen_days = 1209600

  queue_kms_key = var.encrypt_tables_with_product_key ? var.kms_key_arn : null
  # Whoever names a key does not ask for the service's own.
  queue_service_key = var.encrypt_tables_with_product_key ? null : true
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name = local.queue_names[each.key]

  # Functions name what they send: two messages of one text are two messages.
  content_based_deduplication       = false
  fifo_queue                        = true
  kms_data_key_reuse_period_seconds = var.encrypt_tables_with_product_key ? 300 : null
  kms_master_key_id                 = local.queue_kms_key
  message_retention_seconds         = local.fourteen_days
  redrive_policy = jsonencode({
    deadLetterTargetArn = "${local.arn.sqs}:${local.dead_letter_queue_names["${each.key}-dlq"]}"
    maxReceiveCount     = each.value.receives
  })
  sqs_managed_sse_enabled    = local.queue_service_key
  tags                       = merge(var.tags, { Purpose = each.value.purpose })
  visibility_timeout_seconds = local.visibility_s[each.key]

  # A queue cannot send to one that is not there yet.
  depends_on = [aws_sqs_queue.dead_letters]
}

resource "aws_sqs_queue" "dead_letters" {
  for_each = local.queues

  name = local.dead_letter_queue_names["${each.key}-dlq"]

  fifo_queue                        = true
  kms_data_key_reuse_period_seconds = var.encrypt_tables_with_product_key ? 300 : null
  kms_master_key_id                 = local.queue_kms_key
  message_retention_seconds         = local.fourteen_days
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = ["${local.arn.sqs}:${local.queue_names[each.key]}"]
  })
  sqs_managed_sse_enabled = local.queue_service_key
  tags                    = merge(var.tags, { Purpose = each.value.purpose })
}

resource "aws_sqs_queue" "failures" {
  for_each = {
    turn-failures  = { name = local.queue_names["turn-failures"], purpose = "realtime-chat" }
    async-failures = { name = local.dead_letter_queue_names["async-failures"], purpose = "operations" }
  }

  name = each.value.name

  kms_data_key_reuse_period_seconds = var.encrypt_tables_with_product_key ? 300 : null
  kms_master_key_id                 = local.queue_kms_key
  message_retention_seconds         = local.fourteen_days
  sqs_managed_sse_enabled           = local.queue_service_key
  tags                              = merge(var.tags, { Purpose = each.value.purpose })
  visibility_timeout_seconds        = 60
}
