# What tells somebody that teens are not being answered: alarms, the topic they go to, and a dashboard.
#
# Alarms are made from maps: `metric_alarms` watch one metric, `expression_alarms` a sum or a share of several.
# Metrics are named as AWS documents them; an alarm on a metric that does not exist would never say anything.

locals {
  # Names are those of functions and things, so that an alarm's own name says what is wrong.
  metric_alarms = merge(
    local.websocket_metric_alarms,
    local.function_alarms,
    local.queue_metric_alarms,
    local.neptune_alarms,
    local.product_metric_alarms,
  )

  expression_alarms = merge(
    local.websocket_expression_alarms,
    local.table_alarms,
    local.queue_expression_alarms,
    local.product_expression_alarms,
  )

  is_full = var.alarm_level == "full"

  anomaly_alarms = local.is_full ? { websocket-connects = local.websocket_connects } : {}

  alarm_names = [
    for name in concat(
      keys(local.metric_alarms), keys(local.expression_alarms), keys(local.anomaly_alarms)
    ) : "${var.name_prefix}-${name}"
  ]

  # USD 0.10 a metric and month; each metric of an expression counts, and a band counts as two more.
  watched_metrics = (
    length(local.metric_alarms)
    + sum(concat([0], [for alarm in values(local.expression_alarms) : length(alarm.metrics)]))
    + 3 * length(local.anomaly_alarms)
  )
  alarms_monthly_usd = local.watched_metrics * 10 / 100
  alarms_price = join("", [
    "${length(local.alarm_names)} alarms (${var.alarm_level}) on ${local.watched_metrics} metrics: ",
    "USD ${format("%.2f", local.alarms_monthly_usd)} a month at USD 0.10 a metric",
  ])
}

resource "aws_sns_topic" "this" {
  name = "${var.name_prefix}-alarms"

  kms_master_key_id = var.kms_key_arn
  tags              = merge(var.tags, { Purpose = "operations" })
}

locals {
  topic_arn = join(":", [
    "arn", var.aws_context.partition, "sns", var.aws_context.region, var.aws_context.account_id,
    "${var.name_prefix}-alarms",
  ])
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { StringEquals = { "aws:SourceAccount" = var.aws_context.account_id } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# Whoever owns the address must confirm by the mail that the service sends there.
resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == null ? 0 : 1

  endpoint  = var.alarm_email
  protocol  = "email"
  topic_arn = aws_sns_topic.this.arn
}
