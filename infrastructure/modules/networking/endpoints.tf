locals {
  service = "com.amazonaws.${var.aws_context.region}"
  arn     = "arn:${var.aws_context.partition}"

  # Who may pass an endpoint is anybody of this account: what they may do, their own policy says. What an endpoint adds
  # is that nothing leaves for somebody else's table or bucket.
  own_account = { StringEquals = { "aws:PrincipalAccount" = var.aws_context.account_id } }

  endpoint_policies = {
    dynamodb = {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "OwnTables"
        Effect    = "Allow"
        Principal = "*"
        Action = [
          "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable",
          "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem",
        ]
        Resource = join(":", [
          local.arn, "dynamodb", var.aws_context.region, var.aws_context.account_id, "table/${var.name_prefix}-*",
        ])
        Condition = local.own_account
      }]
    }

    s3 = {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "OwnExports"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource  = "${local.arn}:s3:::${var.name_prefix}-exports-${var.aws_context.account_id}/*"
        Condition = local.own_account
      }]
    }

    secretsmanager = {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "OwnSecrets"
        Effect    = "Allow"
        Principal = "*"
        Action    = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
        Resource = join(":", [
          local.arn, "secretsmanager", var.aws_context.region, var.aws_context.account_id,
          "secret:${var.name_prefix}/*",
        ])
        Condition = local.own_account
      }]
    }
  }
}

# Gateway endpoints are free of charge.
resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(["dynamodb", "s3"])

  service_name      = "${local.service}.${each.key}"
  vpc_id            = aws_vpc.this.id
  policy            = jsonencode(local.endpoint_policies[each.key])
  route_table_ids   = [for table in aws_route_table.private : table.id]
  tags              = merge(local.tags, { Name = "${var.name_prefix}-${each.key}" })
  vpc_endpoint_type = "Gateway"
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(var.enable_secrets_manager_endpoint ? ["secretsmanager"] : [])

  service_name        = "${local.service}.${each.key}"
  vpc_id              = aws_vpc.this.id
  policy              = jsonencode(local.endpoint_policies[each.key])
  private_dns_enabled = true
  security_group_ids  = [aws_security_group.endpoint[each.key].id]
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  tags                = merge(local.tags, { Name = "${var.name_prefix}-${each.key}" })
  vpc_endpoint_type   = "Interface"
}
