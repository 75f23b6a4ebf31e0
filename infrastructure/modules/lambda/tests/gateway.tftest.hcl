# The sockets: who gets in, which function answers, and what is logged of who came.

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
}

run "sockets" {
  command = plan

  assert {
    condition     = aws_apigatewayv2_api.websocket.protocol_type == "WEBSOCKET" && aws_apigatewayv2_api.websocket.route_selection_expression == "$request.body.type"
    error_message = "Frames are told apart by their type."
  }

  assert {
    condition     = { for route, of in aws_apigatewayv2_route.websocket : route => of.authorization_type } == { "$connect" = "CUSTOM", "$default" = "NONE", "$disconnect" = "NONE" }
    error_message = "The door must have our authoriser; the gateway knows none behind it."
  }

  assert {
    condition     = aws_apigatewayv2_route.websocket["$connect"].authorizer_id == aws_apigatewayv2_authorizer.websocket.id
    error_message = "The door must have our authoriser and no other."
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.websocket.authorizer_type == "REQUEST"
    error_message = "Sockets know authorisers of kind REQUEST alone."
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.websocket.identity_sources == null
    error_message = "With an identity source a request that brings its token elsewhere would be refused unseen."
  }

  assert {
    condition     = coalesce(aws_apigatewayv2_authorizer.websocket.authorizer_result_ttl_in_seconds, 0) == 0
    error_message = "What the authoriser said is not kept."
  }

  assert {
    condition     = strcontains(aws_apigatewayv2_authorizer.websocket.authorizer_uri, "function:innerworld-prod-authorizer/invocations")
    error_message = "The authoriser is the function authorizer."
  }

  assert {
    condition = alltrue([for route, name in {
      "$connect" = "connect-handler", "$default" = "conversation-handler", "$disconnect" = "disconnect-handler"
    } : strcontains(aws_apigatewayv2_integration.websocket[route].integration_uri, "function:innerworld-prod-${name}/invocations")])
    error_message = "Each route must lead to its function."
  }

  assert {
    condition     = alltrue([for of in aws_apigatewayv2_integration.websocket : of.integration_type == "AWS_PROXY" && of.timeout_milliseconds <= 29000])
    error_message = "Functions answer themselves, within the 29 s that the gateway waits."
  }

  assert {
    condition     = aws_apigatewayv2_stage.websocket.name == "prod"
    error_message = "The stage is named after the deployment."
  }

  assert {
    condition     = one(aws_apigatewayv2_stage.websocket.default_route_settings).throttling_rate_limit == 500 && one(aws_apigatewayv2_stage.websocket.default_route_settings).throttling_burst_limit == 1000
    error_message = "Sockets must be throttled."
  }

  assert {
    condition     = one(aws_apigatewayv2_stage.websocket.default_route_settings).data_trace_enabled == false && one(aws_apigatewayv2_stage.websocket.default_route_settings).logging_level == "OFF"
    error_message = "The gateway must never write a frame into a log."
  }

  assert {
    condition     = toset(keys(aws_lambda_permission.websocket)) == toset(["authorizer", "connect-handler", "conversation-handler", "disconnect-handler"])
    error_message = "The sockets' API may call its four functions and no others."
  }

  assert {
    condition     = alltrue([for of in aws_lambda_permission.websocket : strcontains(of.source_arn, ":socket0000/") && of.principal == "apigateway.amazonaws.com"])
    error_message = "This API may call them, and no other."
  }

  assert {
    condition     = aws_lambda_permission.websocket["connect-handler"].source_arn == "arn:aws:execute-api:eu-central-1:123456789012:socket0000/prod/$connect"
    error_message = "A function may be called by its own route alone."
  }

  assert {
    condition     = aws_lambda_permission.websocket["authorizer"].source_arn == "arn:aws:execute-api:eu-central-1:123456789012:socket0000/authorizers/auth00"
    error_message = "The authoriser may be called as the authoriser alone."
  }
}

run "logs_of_who_came" {
  command = plan

  assert {
    condition = alltrue([for format in [local.socket_access_log, local.http_access_log] : alltrue([for word in [
      "queryString", "querystring", "request.header", "authorizer.claims", "authorizer.principalId", "authorizer.user_id",
      "$context.path", "requestOverride", "identity.userAgent", "Authorization", "ticket", "token",
    ] : !strcontains(format, word)])])
    error_message = "A log of who came must hold no token, no query and nobody's id."
  }

  assert {
    condition     = alltrue([for format in [local.socket_access_log, local.http_access_log] : length(format) <= 3072])
    error_message = "The gateway takes formats of 3 KB."
  }

  assert {
    condition = one(aws_apigatewayv2_stage.websocket.access_log_settings).format == local.socket_access_log && alltrue([
      for word in ["$context.requestId", "$context.routeKey", "$context.status", "$context.error.responseType"] :
      strcontains(local.socket_access_log, word)
    ])
    error_message = "The log must tell request, route, status and error."
  }

  assert {
    condition = alltrue([
      for format in [local.socket_access_log, local.http_access_log] : !strcontains(format, "sourceIp")
    ])
    error_message = "No log may hold the address of whoever came."
  }

  assert {
    condition     = one(aws_apigatewayv2_stage.http.access_log_settings).format == local.http_access_log
    error_message = "Who comes to the HTTP API must be logged too."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.access : group.kms_key_id == var.kms_key_arn && group.retention_in_days == 14])
    error_message = "Logs must be encrypted by the product's key and end after two weeks."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.access : startswith(group.name, "/aws/apigateway/innerworld-prod-")])
    error_message = "The key's policy knows log groups of this name."
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 1 && one(jsondecode(aws_iam_role.gateway_logs[0].assume_role_policy).Statement).Principal.Service == "apigateway.amazonaws.com"
    error_message = "The gateway must be able to write logs."
  }
}
