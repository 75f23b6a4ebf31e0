# The HTTP API: how the deployment is, and what a teen asks of their account.

locals {
  http_functions = toset(["health-check", "account-api"])

  http_access_log = jsonencode({
    request_id = "$context.requestId"
    time       = "$context.requestTimeEpoch"
    # The route, not the path: ids of what a teen has stand in paths. And no address of whoever came: no
    # log of the product holds one.
    route             = "$context.routeKey"
    status            = "$context.status"
    error             = "$context.error.responseType"
    authorizer_error  = "$context.authorizer.error"
    integration_error = "$context.integrationErrorMessage"
    integration_ms    = "$context.integrationLatency"
    response_ms       = "$context.responseLatency"
  })
}

resource "aws_apigatewayv2_api" "http" {
  name          = "${var.name_prefix}-http"
  protocol_type = "HTTP"

  description = "Health and accounts"
  tags        = merge(var.tags, { Purpose = "identity" })

  # The gateway answers the question that browsers ask first; without this it would find no route for it.
  dynamic "cors_configuration" {
    for_each = length(var.allowed_origins) > 0 ? [var.allowed_origins] : []

    content {
      allow_headers = ["authorization", "content-type", "idempotency-key"]
      allow_methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
      allow_origins = cors_configuration.value
      max_age       = 600
    }
  }
}

# It compares `aud`, or `client_id` where there is no `aud`: so access tokens pass, and id tokens too, which
# the function then refuses.
resource "aws_apigatewayv2_authorizer" "http" {
  api_id          = aws_apigatewayv2_api.http.id
  authorizer_type = "JWT"
  name            = "${var.name_prefix}-tokens"

  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    audience = [var.user_pool_client_id]
    issuer   = var.issuer
  }
}

resource "aws_apigatewayv2_integration" "http" {
  for_each = local.http_functions

  api_id           = aws_apigatewayv2_api.http.id
  integration_type = "AWS_PROXY"

  integration_method     = "POST"
  integration_uri        = local.invoke_arns[each.key]
  payload_format_version = "2.0"
  timeout_milliseconds   = 29000
}

resource "aws_apigatewayv2_route" "http" {
  # checkov:skip=CKV_AWS_309:by design: health, the product's texts and Apple's signed calls are public, and a test holds the list
  for_each = local.http_routes

  api_id    = aws_apigatewayv2_api.http.id
  route_key = each.key

  authorization_type = each.value.authorization
  authorizer_id      = each.value.authorization == "JWT" ? aws_apigatewayv2_authorizer.http.id : null
  target             = "integrations/${aws_apigatewayv2_integration.http[each.value.function].id}"
}

resource "aws_apigatewayv2_stage" "http" {
  api_id = aws_apigatewayv2_api.http.id
  name   = "$default"

  auto_deploy = true
  tags        = merge(var.tags, { Purpose = "identity" })

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access["http"].arn
    format          = local.http_access_log
  }

  # A browser buys a ticket here before each handshake, so this API keeps pace with the other.
  default_route_settings {
    throttling_burst_limit = var.websocket_throttle.burst
    throttling_rate_limit  = var.websocket_throttle.rate
  }

  depends_on = [aws_apigatewayv2_route.http]
}

resource "aws_lambda_permission" "http" {
  for_each = local.http_functions

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.key].function_name
  principal     = "apigateway.amazonaws.com"

  qualifier    = contains(keys(local.provisioned), each.key) ? aws_lambda_alias.live[each.key].name : null
  source_arn   = "arn:${var.aws_context.partition}:execute-api:${local.place}:${aws_apigatewayv2_api.http.id}/*"
  statement_id = "http"
}
