# The sockets. A frame may hold what a teen said, so nothing of a frame is logged by the gateway; a token may
# stand in the address or the headers of a handshake, so neither is.

locals {
  # Which function takes which route. `$default` takes every type of frame: one function reads them all.
  socket_routes = {
    "$connect"    = "connect-handler"
    "$default"    = "conversation-handler"
    "$disconnect" = "disconnect-handler"
  }

  socket_access_log = jsonencode({
    request_id = "$context.requestId"
    time       = "$context.requestTimeEpoch"
    event      = "$context.eventType"
    route      = "$context.routeKey"
    connection = "$context.connectionId"
    # Without the address of whoever came: no log of the product holds one.
    status             = "$context.status"
    error              = "$context.error.responseType"
    authorizer_error   = "$context.authorizer.error"
    authorizer_status  = "$context.authorizer.status"
    integration_status = "$context.integrationStatus"
    integration_error  = "$context.integrationErrorMessage"
    integration_ms     = "$context.integrationLatency"
  })
}

resource "aws_apigatewayv2_api" "websocket" {
  name          = "${var.name_prefix}-websocket"
  protocol_type = "WEBSOCKET"

  description                = "Talks, frame by frame"
  route_selection_expression = "$request.body.type"
  tags                       = merge(var.tags, { Purpose = "realtime-chat" })
}

# Without an identity source: the token comes in one of three places, and a request that lacked a named one
# would be refused before the function saw it. Results of WebSocket authorisers are not kept.
resource "aws_apigatewayv2_authorizer" "websocket" {
  api_id          = aws_apigatewayv2_api.websocket.id
  authorizer_type = "REQUEST"
  name            = "${var.name_prefix}-authorizer"

  authorizer_uri = local.invoke_arns["authorizer"]
}

resource "aws_apigatewayv2_integration" "websocket" {
  for_each = local.socket_routes

  api_id           = aws_apigatewayv2_api.websocket.id
  integration_type = "AWS_PROXY"

  integration_method = "POST"
  integration_uri    = local.invoke_arns[each.value]
  # As long as the gateway ever waits.
  timeout_milliseconds = 29000
}

resource "aws_apigatewayv2_route" "websocket" {
  # checkov:skip=CKV_AWS_309:by design: the gateway knows authorisation on $connect only, and each frame is checked by us
  for_each = local.socket_routes

  api_id    = aws_apigatewayv2_api.websocket.id
  route_key = each.key

  # The gateway asks an authoriser at the handshake and never again; frames are checked by their function.
  authorization_type = each.key == "$connect" ? "CUSTOM" : "NONE"
  authorizer_id      = each.key == "$connect" ? aws_apigatewayv2_authorizer.websocket.id : null
  target             = "integrations/${aws_apigatewayv2_integration.websocket[each.key].id}"
}

resource "aws_apigatewayv2_deployment" "websocket" {
  api_id = aws_apigatewayv2_api.websocket.id

  description = "Routes of the sockets"
  # What a deployment is a copy of: it is made anew when one of these changes.
  triggers = {
    routes = sha1(jsonencode([
      local.socket_routes,
      [for name in values(local.socket_routes) : local.invoke_arns[name]],
      local.invoke_arns["authorizer"],
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_apigatewayv2_route.websocket]
}

resource "aws_apigatewayv2_stage" "websocket" {
  # checkov:skip=CKV2_AWS_51:by design: teens show tokens, not certificates
  api_id = aws_apigatewayv2_api.websocket.id
  name   = local.stage

  deployment_id = aws_apigatewayv2_deployment.websocket.id
  tags          = merge(var.tags, { Purpose = "realtime-chat" })

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access["websocket"].arn
    format          = local.socket_access_log
  }

  default_route_settings {
    # Both would write frames into a log.
    data_trace_enabled = false
    logging_level      = "OFF"

    throttling_burst_limit = var.websocket_throttle.burst
    throttling_rate_limit  = var.websocket_throttle.rate
  }

  # The gateway takes log settings only once it may write logs.
  depends_on = [aws_api_gateway_account.this]
}

resource "aws_lambda_permission" "websocket" {
  for_each = merge({ authorizer = "authorizers/*" }, {
    for route, name in local.socket_routes : name => "${local.stage}/${route}"
  })

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.key].function_name
  principal     = "apigateway.amazonaws.com"

  qualifier = contains(keys(local.provisioned), each.key) ? aws_lambda_alias.live[each.key].name : null
  source_arn = join(":", [
    "arn", var.aws_context.partition, "execute-api", local.place,
    each.key == "authorizer" ? "${aws_apigatewayv2_api.websocket.id}/authorizers/${aws_apigatewayv2_authorizer.websocket.id}" : "${aws_apigatewayv2_api.websocket.id}/${each.value}",
  ])
  statement_id = "websocket"
}
