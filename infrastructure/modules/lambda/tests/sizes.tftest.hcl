# Other sizes, instances kept ready, browsers, own names.

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

run "other_sizes" {
  command = plan

  variables {
    architecture = "x86_64"
    debug        = true
    function_overrides = {
      session-processor = { timeout_s = 600, memory_mb = 2048 }
      session-sweeper   = { reserved_concurrency = 5 }
    }
    log_retention_days     = 30
    export_retention_hours = 25
    websocket_throttle     = { rate = 50, burst = 60 }
  }

  assert {
    condition     = aws_lambda_function.this["session-processor"].timeout == 600 && aws_lambda_function.this["session-processor"].memory_size == 2048
    error_message = "A function must be as large as asked for."
  }

  assert {
    condition     = aws_sqs_queue.this["session-ended"].visibility_timeout_seconds == 3600
    error_message = "A function that takes longer hides its messages longer: six times its time."
  }

  assert {
    condition     = aws_lambda_function.this["turn-worker"].timeout == 120 && aws_lambda_function.this["session-sweeper"].timeout == 55
    error_message = "What is not named stays."
  }

  assert {
    condition     = aws_lambda_function.this["session-sweeper"].reserved_concurrent_executions == 5
    error_message = "Reserved concurrency must be as asked for."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : one(function.architectures) == "x86_64" && one(function.environment).variables["DEBUG"] == "true" && one(function.logging_config).application_log_level == "DEBUG"])
    error_message = "Every function must run on the processor asked for, and log more."
  }

  assert {
    condition     = alltrue([for group in concat(values(aws_cloudwatch_log_group.function), values(aws_cloudwatch_log_group.access)) : group.retention_in_days == 30])
    error_message = "Logs must be kept as long as asked for."
  }

  assert {
    condition     = one(one(aws_s3_bucket_lifecycle_configuration.exports.rule).expiration).days == 2
    error_message = "Hours are rounded up to days: 25 hours are two."
  }

  assert {
    condition     = one(aws_apigatewayv2_stage.websocket.default_route_settings).throttling_rate_limit == 50 && one(aws_apigatewayv2_stage.http.default_route_settings).throttling_burst_limit == 60
    error_message = "Both APIs must be throttled as asked for."
  }
}

run "instances_kept_ready" {
  command = plan

  variables {
    function_overrides = {
      conversation-handler = { provisioned_concurrency = 2 }
      turn-worker          = { provisioned_concurrency = 4 }
    }
  }

  assert {
    condition     = toset(keys(aws_lambda_alias.live)) == toset(["conversation-handler", "turn-worker"]) && aws_lambda_provisioned_concurrency_config.live["turn-worker"].provisioned_concurrent_executions == 4
    error_message = "As many instances must be ready as asked for."
  }

  assert {
    condition     = aws_lambda_function.this["turn-worker"].publish && !aws_lambda_function.this["authorizer"].publish
    error_message = "Instances that are ready belong to a version."
  }

  assert {
    condition     = strcontains(aws_apigatewayv2_integration.websocket["$default"].integration_uri, "innerworld-prod-conversation-handler:live/invocations")
    error_message = "The gateway must call the instances that are ready."
  }

  assert {
    condition     = aws_lambda_permission.websocket["conversation-handler"].qualifier == "live" && aws_lambda_permission.websocket["connect-handler"].qualifier == null
    error_message = "The gateway must be allowed to call the version that it calls."
  }

  assert {
    condition     = one(aws_lambda_function.this["conversation-handler"].environment).variables["TURN_WORKER_FUNCTION"] == "innerworld-prod-turn-worker:live"
    error_message = "Functions must call the instances that are ready."
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.rights["conversation-handler"].policy, "function:innerworld-prod-turn-worker:live\"")
    error_message = "Functions must be allowed to call the version that they call."
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.this["turn-worker"].qualifier == "live" && aws_lambda_function_event_invoke_config.this["session-sweeper"].qualifier == null
    error_message = "Retries are settings of the version that is called."
  }
}

run "browsers" {
  command = plan

  variables {
    allowed_origins  = ["https://chat.example.org", "https://desk.example.org:8443"]
    apple_client_ids = ["com.example.signin", "com.example.app"]

    accept_unreviewed_protocol = true
  }

  assert {
    condition     = one(aws_lambda_function.this["connect-handler"].environment).variables["ALLOWED_ORIGINS"] == "https://chat.example.org,https://desk.example.org:8443"
    error_message = "Functions must know every origin."
  }

  assert {
    condition     = one(aws_lambda_function.this["conversation-handler"].environment).variables["ACCEPT_UNREVIEWED_PROTOCOL"] == "true"
    error_message = "Whoever takes the responsibility must be able to say so."
  }

  assert {
    condition     = one(aws_lambda_function.this["account-api"].environment).variables["APPLE_CLIENT_IDS"] == "com.example.signin,com.example.app"
    error_message = "Each name of the app at Apple must be known."
  }

  assert {
    condition     = toset(one(aws_apigatewayv2_api.http.cors_configuration).allow_origins) == toset(["https://chat.example.org", "https://desk.example.org:8443"])
    error_message = "Browsers from these origins may ask, and no others."
  }

  assert {
    condition     = coalesce(one(aws_apigatewayv2_api.http.cors_configuration).allow_credentials, false) == false && contains(one(aws_apigatewayv2_api.http.cors_configuration).allow_headers, "idempotency-key")
    error_message = "Browsers send a header with their token, and no cookies."
  }
}

run "own_names" {
  command = plan

  variables {
    api_domain = { domain = "api.example.org", certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/1" }
  }

  assert {
    condition     = { for of, domain in aws_apigatewayv2_domain_name.this : of => domain.domain_name } == { http = "api.example.org", websocket = "ws.api.example.org" }
    error_message = "One name cannot lead to both kinds of API: sockets get their own."
  }

  assert {
    condition     = alltrue([for domain in aws_apigatewayv2_domain_name.this : one(domain.domain_name_configuration).security_policy == "TLS_1_2"])
    error_message = "Own names must be reached by TLS 1.2 or later."
  }

  assert {
    condition     = aws_apigatewayv2_api_mapping.websocket["websocket"].api_mapping_key == "prod" && length(aws_apigatewayv2_api_mapping.http) == 1
    error_message = "Sockets are opened under the stage's name, as at the API's own address."
  }
}

run "no_own_names_and_a_gateway_that_may_write_logs_already" {
  command = plan

  variables {
    manage_apigw_account_role = false
  }

  assert {
    condition     = length(aws_apigatewayv2_domain_name.this) == 0 && length(output.api_domain_targets) == 0
    error_message = "Without an own domain there are no names."
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 0 && length(aws_iam_role.gateway_logs) == 0
    error_message = "The account's role of another deployment must be left alone."
  }
}
