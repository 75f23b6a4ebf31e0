# The HTTP API: which routes there are, who may ask them, and which function answers.

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

run "http_routes" {
  command = plan

  assert {
    condition     = aws_apigatewayv2_api.http.protocol_type == "HTTP" && length(aws_apigatewayv2_api.http.cors_configuration) == 0
    error_message = "No browser may use the HTTP API unless its origin is named."
  }

  assert {
    condition = toset([for key, route in aws_apigatewayv2_route.http : key if route.authorization_type == "NONE"]) == toset([
      "GET /health", "GET /v1/client", "GET /v1/consents", "GET /v1/disclosure", "GET /v1/personas", "GET /v1/protocol",
      "GET /v1/safety/protocol", "GET /v1/safety/resources", "GET /v1/safety/tools", "POST /v1/webhooks/apple",
    ])
    error_message = "These routes are public and no others."
  }

  assert {
    condition     = alltrue([for route in aws_apigatewayv2_route.http : contains(["NONE", "JWT"], route.authorization_type)])
    error_message = "The HTTP API knows one authoriser."
  }

  assert {
    condition     = alltrue([for key, route in aws_apigatewayv2_route.http : route.authorization_type == "JWT" if strcontains(key, "/v1/me") || strcontains(key, "/v1/sessions") || strcontains(key, "/v1/tickets")])
    error_message = "What is a teen's own needs their token."
  }

  assert {
    condition     = alltrue([for route in aws_apigatewayv2_route.http : route.authorizer_id == aws_apigatewayv2_authorizer.http.id if route.authorization_type == "JWT"])
    error_message = "Tokens are checked by our authoriser."
  }

  assert {
    condition     = length(aws_apigatewayv2_route.http) == 32
    error_message = "There are 32 routes: health, nine that are public, 22 of a teen's own."
  }

  assert {
    condition     = alltrue([for key in keys(aws_apigatewayv2_route.http) : key != "$default" && !strcontains(key, "{proxy+}") && !startswith(key, "ANY ")])
    error_message = "Every route must be named: what is not named is not there."
  }

  assert {
    condition     = alltrue([for key in keys(aws_apigatewayv2_route.http) : !strcontains(key, "/dev/") && !strcontains(key, "/admin")])
    error_message = "Routes of development and of operators belong to one machine."
  }

  assert {
    condition     = one(aws_apigatewayv2_authorizer.http.jwt_configuration).issuer == var.issuer && toset(one(aws_apigatewayv2_authorizer.http.jwt_configuration).audience) == toset(["client000"])
    error_message = "Tokens must come from our pool, for our app."
  }

  assert {
    condition     = aws_apigatewayv2_authorizer.http.authorizer_type == "JWT" && one(aws_apigatewayv2_authorizer.http.identity_sources) == "$request.header.Authorization"
    error_message = "Tokens come in the header alone."
  }

  assert {
    condition     = strcontains(aws_apigatewayv2_integration.http["health-check"].integration_uri, "innerworld-prod-health-check/") && strcontains(aws_apigatewayv2_integration.http["account-api"].integration_uri, "innerworld-prod-account-api/")
    error_message = "Health is answered by health-check, all else by account-api."
  }

  assert {
    condition     = alltrue([for of in aws_apigatewayv2_integration.http : of.payload_format_version == "2.0"])
    error_message = "Functions read requests in format 2.0."
  }

  assert {
    condition     = aws_apigatewayv2_stage.http.name == "$default" && aws_apigatewayv2_stage.http.auto_deploy
    error_message = "The HTTP API has no stage in its paths."
  }

  assert {
    condition     = one(aws_apigatewayv2_stage.http.default_route_settings).throttling_rate_limit == 500
    error_message = "The HTTP API must be throttled."
  }

  assert {
    condition     = output.health_check_url == "https://http000000.execute-api.eu-central-1.amazonaws.com/health"
    error_message = "The address of the health check must be one that curl takes."
  }

  assert {
    condition     = output.websocket_url == "wss://socket0000.execute-api.eu-central-1.amazonaws.com/prod"
    error_message = "Sockets are opened by wss, with the stage."
  }
}
