# What changes when an operator chooses otherwise.

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

run "graphs_in_tables" {
  command = plan

  assert {
    condition     = length(aws_lambda_function.this) == 10 && !contains(keys(aws_lambda_function.this), "graph-writer") && !contains(keys(aws_lambda_function.this), "graph-reader")
    error_message = "Without a graph database its functions have nothing to do."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : length(function.vpc_config) == 0])
    error_message = "Without a graph database nothing runs inside a VPC."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.platform : !strcontains(policy.policy, "ec2:") && !strcontains(policy.policy, "\"*\"")])
    error_message = "Without a VPC nobody makes interfaces, and no right is on everything."
  }

  assert {
    condition     = !contains(keys(aws_lambda_event_source_mapping.queue), "graph-writer") && contains(keys(aws_sqs_queue.this), "graph-writes")
    error_message = "The graph's queue stays, empty: innerworld doctor looks for it."
  }

  assert {
    condition     = toset(keys(aws_lambda_function_event_invoke_config.this)) == toset(["turn-worker", "session-sweeper"])
    error_message = "A function that is not there has no failures."
  }

  assert {
    condition     = one(aws_lambda_function.this["turn-worker"].environment).variables["GRAPH_BACKEND"] == "dynamodb"
    error_message = "Functions must know that graphs are in tables."
  }

  assert {
    condition     = alltrue([for name, function in aws_lambda_function.this : toset(keys(one(function.environment).variables)) == toset(local.all_functions[name].environment)])
    error_message = "Functions are told the same either way."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.rights : !strcontains(policy.policy, "neptune-db")])
    error_message = "Nobody has rights on a graph database that is not there."
  }
}

run "all_functions_in_the_vpc" {
  command = plan

  variables {
    lambda_in_vpc = true
    graph_backend = "neptune"
    neptune       = { endpoint = "w", reader_endpoint = "r", port = 8182, cluster_resource_id = "cluster-X" }
    vpc = {
      subnet_ids                 = ["subnet-a"]
      lambda_security_group_id   = "sg-graph"
      internet_security_group_id = "sg-out"
    }
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : length(function.vpc_config) == 1])
    error_message = "Every function must be inside the VPC."
  }

  assert {
    condition = alltrue([for name, function in aws_lambda_function.this :
      one(one(function.vpc_config).security_group_ids) == (startswith(name, "graph-") ? "sg-graph" : "sg-out")
    ])
    error_message = "The graph's functions must not get the way out that the others have."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.platform : strcontains(policy.policy, "ec2:CreateNetworkInterface")])
    error_message = "Every function must be able to have its interface."
  }
}

run "all_functions_in_the_vpc_with_one_security_group" {
  command = plan

  variables {
    lambda_in_vpc = true
    vpc           = { subnet_ids = ["subnet-a"], lambda_security_group_id = "sg-one" }
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : one(one(function.vpc_config).security_group_ids) == "sg-one"]) && length(aws_lambda_function.this) == 10
    error_message = "Where there is one security group, all have it."
  }
}

run "tables_and_queues_under_the_products_key" {
  command = plan

  variables {
    encrypt_tables_with_product_key = true
  }

  assert {
    condition = alltrue([for queue in concat(values(aws_sqs_queue.this), values(aws_sqs_queue.dead_letters), values(aws_sqs_queue.failures)) :
      queue.kms_master_key_id == var.kms_key_arn
    ]) && local.queue_service_key == null
    error_message = "Queues must be encrypted by the product's key."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.platform : strcontains(policy.policy, "dynamodb.eu-central-1.amazonaws.com")])
    error_message = "Everybody who uses a table must be able to have it decrypted."
  }

  assert {
    condition = toset([for name, policy in aws_iam_role_policy.platform : name if strcontains(policy.policy, "sqs.eu-central-1.amazonaws.com")]) == toset([
      "conversation-handler", "turn-worker", "session-processor", "session-sweeper", "account-api", "privacy-worker",
    ])
    error_message = "Everybody who uses a queue must be able to have it decrypted, and nobody else."
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.platform["turn-worker"].policy, "kms:GenerateDataKey") && !strcontains(aws_iam_role_policy.platform["authorizer"].policy, "kms:GenerateDataKey")
    error_message = "Whoever sends must be able to encrypt; whoever does not must not."
  }

  assert {
    condition = alltrue(flatten([for policy in aws_iam_role_policy.platform : [
      for statement in jsondecode(policy.policy).Statement : can(statement.Condition.StringEquals["kms:ViaService"]) if contains(statement.Action, "kms:Decrypt")
    ]]))
    error_message = "The key is used through services only."
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.scheduler.policy, "kms:GenerateDataKey")
    error_message = "The clock must be able to say that it could not call."
  }
}

run "traced" {
  command = plan

  variables {
    enable_xray_tracing = true
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : one(function.tracing_config).mode == "Active"])
    error_message = "Every function must be traced."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.platform : strcontains(policy.policy, "xray:PutTraceSegments")])
    error_message = "Every function must be able to send its traces."
  }
}
