# What both APIs share: logs of who came, the right to write them, and own names.

resource "aws_cloudwatch_log_group" "access" {
  # checkov:skip=CKV_AWS_338:privacy: logs of a service for teens are not kept for a year
  for_each = {
    websocket = "realtime-chat"
    http      = "identity"
  }

  name = "/aws/apigateway/${var.name_prefix}-${each.key}"

  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
  tags              = merge(var.tags, { Purpose = each.value })
}

# API Gateway writes logs of sockets by one role of the whole account and region. Where another deployment
# has set it, manage_apigw_account_role is false here.
resource "aws_iam_role" "gateway_logs" {
  count = var.manage_apigw_account_role ? 1 : 0

  name = "${var.name_prefix}-gateway-logs"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })

  description = "Lets API Gateway write access logs"
  tags        = merge(var.tags, { Purpose = "operations" })
}

# The service's own policy: API Gateway refuses a role that may do less, and its APIs share the role.
resource "aws_iam_role_policy_attachment" "gateway_logs" {
  count = var.manage_apigw_account_role ? 1 : 0

  policy_arn = "arn:${var.aws_context.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
  role       = aws_iam_role.gateway_logs[0].name
}

resource "aws_api_gateway_account" "this" {
  count = var.manage_apigw_account_role ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.gateway_logs[0].arn

  depends_on = [aws_iam_role_policy_attachment.gateway_logs]
}

# One name cannot lead to both kinds of API (doc "Custom domain names for WebSocket APIs in API Gateway").
locals {
  own_names = var.api_domain == null ? {} : {
    http      = var.api_domain.domain
    websocket = "ws.${var.api_domain.domain}"
  }
}

resource "aws_apigatewayv2_domain_name" "this" {
  for_each = local.own_names

  domain_name = each.value

  tags = merge(var.tags, { Purpose = "network" })

  domain_name_configuration {
    certificate_arn = var.api_domain.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "http" {
  for_each = { for of, name in local.own_names : of => name if of == "http" }

  api_id      = aws_apigatewayv2_api.http.id
  domain_name = aws_apigatewayv2_domain_name.this["http"].id
  stage       = aws_apigatewayv2_stage.http.name
}

# Under the stage's name, as at the API's own address.
resource "aws_apigatewayv2_api_mapping" "websocket" {
  for_each = { for of, name in local.own_names : of => name if of == "websocket" }

  api_id      = aws_apigatewayv2_api.websocket.id
  domain_name = aws_apigatewayv2_domain_name.this["websocket"].id
  stage       = aws_apigatewayv2_stage.websocket.name

  api_mapping_key = local.stage
}
