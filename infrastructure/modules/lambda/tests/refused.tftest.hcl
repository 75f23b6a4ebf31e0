# What is refused. A run costs a plan, so variables share runs: each variable that a run names must be
# refused, or the run fails.

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

run "names_of_another_form" {
  command = plan

  variables {
    name_prefix        = "InnerWorld"
    aws_context        = { partition = "aws", region = "eu-central-1", account_id = "12345678901" }
    environment        = "production"
    architecture       = "riscv64"
    table_names        = { sessions = "innerworld-prod-sessions" }
    kms_alias_name     = "innerworld-prod"
    issuer             = "http://example.org/pool"
    graph_backend      = "memory"
    memory_mode_max    = "everything"
    model_primary      = "claude"
    model_fallback     = "openai/GPT"
    allowed_origins    = ["*"]
    apple_client_ids   = ["com.example, com.example.app"]
    api_domain         = { domain = "https://api.example.org", certificate_arn = "arn" }
    log_retention_days = 10
    tags               = { "aws:owner" = "nobody" }
  }

  expect_failures = [
    var.name_prefix,
    var.aws_context,
    var.environment,
    var.architecture,
    var.table_names,
    var.kms_alias_name,
    var.issuer,
    var.graph_backend,
    var.memory_mode_max,
    var.model_primary,
    var.model_fallback,
    var.allowed_origins,
    var.apple_client_ids,
    var.api_domain,
    var.log_retention_days,
    var.tags,
  ]
}

run "numbers_too_small_and_an_origin_without_tls" {
  command = plan

  variables {
    evidence_days          = 0
    graph_days             = 0
    delta_flush_ms         = 99
    checkpoint_ms          = 499
    export_retention_hours = 0
    websocket_throttle     = { rate = 0, burst = 1 }
    allowed_origins        = ["http://chat.example.org"]
  }

  expect_failures = [
    var.evidence_days,
    var.graph_days,
    var.delta_flush_ms,
    var.checkpoint_ms,
    var.export_retention_hours,
    var.websocket_throttle,
    var.allowed_origins,
  ]
}

run "numbers_too_large_and_an_origin_with_a_path" {
  command = plan

  variables {
    evidence_days          = 366
    graph_days             = 366
    delta_flush_ms         = 501
    checkpoint_ms          = 10001
    export_retention_hours = 169
    websocket_throttle     = { rate = 1, burst = 0 }
    allowed_origins        = ["https://chat.example.org/app"]
  }

  expect_failures = [
    var.evidence_days,
    var.graph_days,
    var.delta_flush_ms,
    var.checkpoint_ms,
    var.export_retention_hours,
    var.websocket_throttle,
    var.allowed_origins,
  ]
}

run "parts_of_days_and_of_milliseconds" {
  command = plan

  variables {
    evidence_days  = 1.5
    graph_days     = 1.5
    delta_flush_ms = 200.5
    checkpoint_ms  = 2000.5
  }

  expect_failures = [
    var.evidence_days,
    var.graph_days,
    var.delta_flush_ms,
    var.checkpoint_ms,
  ]
}

run "override_of_a_function_that_is_not_there" {
  command = plan

  variables {
    function_overrides = { chat-handler = { memory_mb = 256 } }
  }

  expect_failures = [var.function_overrides]
}

run "memory_below_128_mb" {
  command = plan

  variables {
    function_overrides = { authorizer = { memory_mb = 64 } }
  }

  expect_failures = [var.function_overrides]
}

run "memory_above_10240_mb" {
  command = plan

  variables {
    function_overrides = { authorizer = { memory_mb = 10241 } }
  }

  expect_failures = [var.function_overrides]
}

run "time_above_900_s" {
  command = plan

  variables {
    function_overrides = { session-processor = { timeout_s = 901 } }
  }

  expect_failures = [var.function_overrides]
}

run "time_of_nothing" {
  command = plan

  variables {
    function_overrides = { session-processor = { timeout_s = 0 } }
  }

  expect_failures = [var.function_overrides]
}

run "reserved_concurrency_of_nothing" {
  command = plan

  variables {
    function_overrides = { authorizer = { reserved_concurrency = 0 } }
  }

  expect_failures = [var.function_overrides]
}

run "provisioned_concurrency_of_nothing" {
  command = plan

  variables {
    function_overrides = { authorizer = { provisioned_concurrency = 0 } }
  }

  expect_failures = [var.function_overrides]
}
