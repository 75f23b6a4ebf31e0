# Choices that are good each and cannot work together.

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

run "package_that_is_not_there" {
  command = plan

  variables {
    package_dir = "../../tests/no-such-folder"
  }

  expect_failures = [aws_lambda_function.this]
}

run "function_behind_the_gateway_with_more_than_29_s" {
  command = plan

  variables {
    function_overrides = { account-api = { timeout_s = 30 } }
  }

  expect_failures = [aws_lambda_function.this]
}

run "functions_in_a_vpc_that_was_not_given" {
  command = plan

  variables {
    lambda_in_vpc = true
  }

  expect_failures = [aws_lambda_function.this]
}

run "graph_database_that_was_not_given" {
  command = plan

  variables {
    graph_backend = "neptune"
    vpc           = { subnet_ids = ["subnet-a"], lambda_security_group_id = "sg-graph" }
  }

  expect_failures = [aws_lambda_function.this]
}
