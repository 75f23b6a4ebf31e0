# Each function as the plan makes it: what it runs on, what it is told, where it logs.

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

  graph_backend = "neptune"
  neptune = {
    endpoint            = "innerworld-prod-neptune-cluster.cluster-x.eu-central-1.neptune.amazonaws.com"
    reader_endpoint     = "innerworld-prod-neptune-cluster.cluster-ro-x.eu-central-1.neptune.amazonaws.com"
    port                = 8182
    cluster_resource_id = "cluster-ABCDEFGHIJKL"
  }
  vpc = { subnet_ids = ["subnet-a", "subnet-b"], lambda_security_group_id = "sg-graph" }
}

run "functions_as_the_map_has_them" {
  command = plan

  assert {
    condition = toset(keys(aws_lambda_function.this)) == toset([
      "authorizer", "connect-handler", "disconnect-handler", "conversation-handler", "turn-worker",
      "session-processor", "session-sweeper", "account-api", "privacy-worker", "health-check",
      "graph-writer", "graph-reader",
    ])
    error_message = "With a graph database there are twelve functions."
  }

  assert {
    condition     = alltrue([for name, function in aws_lambda_function.this : function.function_name == "innerworld-prod-${name}"])
    error_message = "Functions must be named by the prefix and their name in the map."
  }

  assert {
    condition     = aws_lambda_function.this["conversation-handler"].function_name == "innerworld-prod-conversation-handler"
    error_message = "The documented call of conversation-handler must find it."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.runtime == "provided.al2023" && function.handler == "bootstrap"])
    error_message = "Every function must be a bootstrap on provided.al2023."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : one(function.architectures) == "arm64"])
    error_message = "Functions run on arm64 unless told otherwise."
  }

  assert {
    condition = { for name, function in aws_lambda_function.this : name => function.timeout } == {
      authorizer     = 5, connect-handler = 10, disconnect-handler = 10, conversation-handler = 10
      turn-worker    = 120, session-processor = 300, session-sweeper = 55, account-api = 29
      privacy-worker = 300, health-check = 10, graph-writer = 60, graph-reader = 30
    }
    error_message = "Times of the functions must be those of the map."
  }

  assert {
    condition = { for name, function in aws_lambda_function.this : name => function.memory_size } == {
      authorizer           = 256, connect-handler = 256, disconnect-handler = 256
      conversation-handler = 512, turn-worker = 512, session-processor = 1024, session-sweeper = 256
      account-api          = 512, privacy-worker = 1024, health-check = 256, graph-writer = 512
      graph-reader         = 512
    }
    error_message = "Memory of the functions must be that of the map."
  }

  assert {
    condition = alltrue([for name in [
      "authorizer", "connect-handler", "disconnect-handler", "conversation-handler", "account-api", "health-check",
    ] : aws_lambda_function.this[name].timeout <= 29])
    error_message = "The gateway waits 29 s: no function behind it may take longer."
  }

  assert {
    condition     = alltrue([for name, function in aws_lambda_function.this : endswith(function.filename, "/${name}.zip")])
    error_message = "Each function must come from its own package."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.source_code_hash != null])
    error_message = "A package that changed must be seen."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.publish == false && function.reserved_concurrent_executions == null])
    error_message = "Nothing is reserved, published or kept ready unless asked for."
  }

  assert {
    condition     = length(aws_lambda_alias.live) == 0 && length(aws_lambda_provisioned_concurrency_config.live) == 0
    error_message = "No instance is kept ready, and paid for, unless asked for."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : contains(keys(function.tags), "Purpose")])
    error_message = "Every function must say its purpose."
  }

  assert {
    condition = alltrue([for function in aws_lambda_function.this :
      one(function.logging_config).log_format == "JSON" && one(function.logging_config).system_log_level == "WARN"
    ])
    error_message = "Lambda must log JSON, and its own lines from WARN on."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : one(function.logging_config).application_log_level == "INFO"])
    error_message = "Above INFO, lines without a level would be dropped, and metrics are such."
  }
}

run "places_of_functions" {
  command = plan

  assert {
    condition     = toset([for name, function in aws_lambda_function.this : name if length(function.vpc_config) > 0]) == toset(["graph-writer", "graph-reader"])
    error_message = "The graph's two functions and no others run inside the VPC."
  }

  assert {
    condition     = length(aws_lambda_function.this["turn-worker"].vpc_config) == 0 && length(aws_lambda_function.this["session-processor"].vpc_config) == 0
    error_message = "Functions that ask models must not be inside the VPC, where there is no way out."
  }

  assert {
    condition     = toset(one(aws_lambda_function.this["graph-writer"].vpc_config).security_group_ids) == toset(["sg-graph"])
    error_message = "The graph's functions must have the graph's security group alone."
  }

  assert {
    condition     = toset(one(aws_lambda_function.this["graph-reader"].vpc_config).subnet_ids) == toset(["subnet-a", "subnet-b"])
    error_message = "The graph's functions must be in the given subnets."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : one(function.tracing_config).mode == "PassThrough"])
    error_message = "Nothing is traced unless asked for."
  }
}
