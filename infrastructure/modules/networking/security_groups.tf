data "aws_prefix_list" "dynamodb" {
  name = "${local.service}.dynamodb"
}

# Functions of the graph: to the graph, to the tables, nowhere else.
resource "aws_security_group" "lambda_graph" {
  # checkov:skip=CKV2_AWS_5:not applicable: other modules attach it
  name        = "${var.name_prefix}-lambda-graph"
  description = "Functions that read and write the graph"
  vpc_id      = aws_vpc.this.id
  tags        = merge(local.tags, { Name = "${var.name_prefix}-lambda-graph" })
}

resource "aws_vpc_security_group_egress_rule" "lambda_graph_to_neptune" {
  security_group_id            = aws_security_group.lambda_graph.id
  description                  = "Queries to the graph"
  from_port                    = 8182
  ip_protocol                  = "tcp"
  referenced_security_group_id = aws_security_group.neptune.id
  to_port                      = 8182
  tags                         = local.tags
}

resource "aws_vpc_security_group_egress_rule" "lambda_graph_to_dynamodb" {
  security_group_id = aws_security_group.lambda_graph.id
  description       = "Tables, by the gateway endpoint"
  from_port         = 443
  ip_protocol       = "tcp"
  prefix_list_id    = data.aws_prefix_list.dynamodb.id
  to_port           = 443
  tags              = local.tags
}

# The graph answers its functions and opens nothing itself: there is no rule for what leaves.
resource "aws_security_group" "neptune" {
  # checkov:skip=CKV2_AWS_5:not applicable: other modules attach it
  name        = "${var.name_prefix}-neptune"
  description = "The graph database"
  vpc_id      = aws_vpc.this.id
  tags        = merge(local.tags, { Name = "${var.name_prefix}-neptune" })
}

resource "aws_vpc_security_group_ingress_rule" "neptune_from_lambda_graph" {
  security_group_id            = aws_security_group.neptune.id
  description                  = "Queries of the functions of the graph"
  from_port                    = 8182
  ip_protocol                  = "tcp"
  referenced_security_group_id = aws_security_group.lambda_graph.id
  to_port                      = 8182
  tags                         = local.tags
}

# The other functions, where they run inside too: they call the model provider, Cognito, KMS, SQS and the gateway's
# connections, whose addresses nobody can list.
resource "aws_security_group" "lambda_internet" {
  # checkov:skip=CKV2_AWS_5:not applicable: another module attaches it
  for_each = toset(var.enable_internet_security_group ? ["this"] : [])

  name        = "${var.name_prefix}-lambda-internet"
  description = "Functions that call services outside of the VPC"
  vpc_id      = aws_vpc.this.id
  tags        = merge(local.tags, { Name = "${var.name_prefix}-lambda-internet" })
}

resource "aws_vpc_security_group_egress_rule" "lambda_internet_to_https" {
  for_each = aws_security_group.lambda_internet

  security_group_id = each.value.id
  cidr_ipv4         = "0.0.0.0/0"
  description       = "HTTPS, through the NAT gateway"
  from_port         = 443
  ip_protocol       = "tcp"
  to_port           = 443
  tags              = local.tags
}

resource "aws_security_group" "endpoint" {
  for_each = toset(var.enable_secrets_manager_endpoint ? ["secretsmanager"] : [])

  name        = "${var.name_prefix}-endpoint-${each.key}"
  description = "Endpoint of ${each.key}"
  vpc_id      = aws_vpc.this.id
  tags        = merge(local.tags, { Name = "${var.name_prefix}-endpoint-${each.key}" })
}

# The functions of the graph read no secret, so they are not let in.
resource "aws_vpc_security_group_ingress_rule" "endpoint_from_lambda_internet" {
  for_each = { for key, group in aws_security_group.endpoint : key => group if var.enable_internet_security_group }

  security_group_id            = each.value.id
  description                  = "Functions that call services outside of the VPC"
  from_port                    = 443
  ip_protocol                  = "tcp"
  referenced_security_group_id = aws_security_group.lambda_internet["this"].id
  to_port                      = 443
  tags                         = local.tags
}
