# What functions are told, and where they log.

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

run "variables_of_functions" {
  command = plan

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : !contains(keys(one(function.environment).variables), "AWS_REGION")])
    error_message = "Lambda sets the region itself and refuses to be told it."
  }

  assert {
    condition     = alltrue(flatten([for function in aws_lambda_function.this : [for value in values(one(function.environment).variables) : value != null && value != ""]]))
    error_message = "An empty variable is a forgotten one: functions do not start with it."
  }

  assert {
    condition = alltrue([for name, function in aws_lambda_function.this :
      toset(keys(one(function.environment).variables)) == toset(local.all_functions[name].environment)
    ])
    error_message = "A function must be told what it names, and nothing else."
  }

  assert {
    condition = alltrue([for name, function in aws_lambda_function.this :
      anytrue([for key in keys(one(function.environment).variables) : startswith(key, "NEPTUNE_")]) == startswith(name, "graph-")
    ])
    error_message = "Only the graph's functions may know where the graph is."
  }

  assert {
    condition     = one(aws_lambda_function.this["graph-writer"].environment).variables["NEPTUNE_PORT"] == "8182" && one(aws_lambda_function.this["graph-writer"].environment).variables["NEPTUNE_IAM_AUTH"] == "true"
    error_message = "The graph is reached on 8182, every request signed."
  }

  assert {
    condition     = !contains(keys(one(aws_lambda_function.this["graph-writer"].environment).variables), "TEEN_KEY_KMS_ID")
    error_message = "The graph's functions hold no key of a teen."
  }

  assert {
    condition     = one(aws_lambda_function.this["connect-handler"].environment).variables["ALLOWED_ORIGINS"] == "none"
    error_message = "Without origins the word is none: no browser may open a socket."
  }

  assert {
    condition     = one(aws_lambda_function.this["conversation-handler"].environment).variables["ACCEPT_UNREVIEWED_PROTOCOL"] == "false"
    error_message = "That nobody reviewed the safety protocol must not be accepted unasked."
  }

  assert {
    condition     = one(aws_lambda_function.this["account-api"].environment).variables["APPLE_CLIENT_IDS"] == "none"
    error_message = "Where nobody signs in with Apple, nothing of Apple's is believed."
  }

  assert {
    condition     = one(aws_lambda_function.this["turn-worker"].environment).variables["WEBSOCKET_ENDPOINT"] == "https://socket0000.execute-api.eu-central-1.amazonaws.com/prod"
    error_message = "Functions post to https with the stage: without it the gateway answers 403."
  }

  assert {
    condition     = one(aws_lambda_function.this["session-sweeper"].environment).variables["SESSION_QUEUE_URL"] == "https://sqs.eu-central-1.amazonaws.com/123456789012/innerworld-prod-session-ended.fifo"
    error_message = "Queues are told by their addresses."
  }

  assert {
    condition     = one(aws_lambda_function.this["authorizer"].environment).variables["TEEN_KEY_KMS_ID"] == "alias/innerworld-prod"
    error_message = "Functions know the key by its alias."
  }

  assert {
    condition     = one(aws_lambda_function.this["turn-worker"].environment).variables["DEBUG"] == "false"
    error_message = "Functions log little unless asked for more."
  }

  assert {
    condition     = one(aws_lambda_function.this["conversation-handler"].environment).variables["GRAPH_BACKEND"] == "neptune"
    error_message = "Functions must know where graphs are kept."
  }
}

run "logs_of_functions" {
  command = plan

  assert {
    condition     = alltrue([for name, group in aws_cloudwatch_log_group.function : group.name == "/aws/lambda/innerworld-prod-${name}"])
    error_message = "Log groups must be where the documented commands look."
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_log_group.function)) == toset(keys(aws_lambda_function.this))
    error_message = "Every function must have its log group, or Lambda makes one that keeps everything."
  }

  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.function : group.kms_key_id == var.kms_key_arn && group.retention_in_days == 14])
    error_message = "Logs must be encrypted by the product's key and end after two weeks."
  }

  assert {
    condition     = alltrue([for name, function in aws_lambda_function.this : one(function.logging_config).log_group == "/aws/lambda/innerworld-prod-${name}"])
    error_message = "Functions must log into their own groups."
  }
}
