locals {
  flow_logs = toset(var.enable_vpc_flow_logs ? ["this"] : [])

  flow_log_group = "/aws/vpc/${var.name_prefix}-flow-logs"
  flow_log_group_arn = join(":", [
    local.arn, "logs", var.aws_context.region, var.aws_context.account_id, "log-group", local.flow_log_group,
  ])

  flow_log_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.aws_context.account_id } }
    }]
  }

  flow_log_policy = {
    Version = "2012-10-17"
    Statement = [{
      Sid      = "OwnLogGroup"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [local.flow_log_group_arn, "${local.flow_log_group_arn}:*"]
    }]
  }
}

resource "aws_cloudwatch_log_group" "flow_logs" {
  # checkov:skip=CKV_AWS_338:privacy: addresses of connections are kept for weeks, not for a year
  for_each = local.flow_logs

  name              = local.flow_log_group
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
  tags              = local.tags
}

resource "aws_iam_role" "flow_logs" {
  for_each = local.flow_logs

  name               = "${var.name_prefix}-flow-logs"
  assume_role_policy = jsonencode(local.flow_log_trust)
  tags               = local.tags
}

resource "aws_iam_role_policy" "flow_logs" {
  for_each = local.flow_logs

  name   = "write-flow-logs"
  role   = aws_iam_role.flow_logs[each.key].id
  policy = jsonencode(local.flow_log_policy)
}

resource "aws_flow_log" "this" {
  for_each = local.flow_logs

  iam_role_arn             = aws_iam_role.flow_logs[each.key].arn
  log_destination          = aws_cloudwatch_log_group.flow_logs[each.key].arn
  max_aggregation_interval = 600
  tags                     = merge(local.tags, { Name = var.name_prefix })
  traffic_type             = "ALL"
  vpc_id                   = aws_vpc.this.id
}
