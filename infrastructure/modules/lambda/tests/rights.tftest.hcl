# What functions may do. The whole list is compared with the function map by a test of the crate
# innerworld-lambda; here is what must never be in it.

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

run "rights_of_functions" {
  command = plan

  assert {
    condition     = toset(keys(aws_iam_role.function)) == toset(keys(aws_lambda_function.this))
    error_message = "Every function must have a role of its own."
  }

  assert {
    condition     = alltrue([for name, role in aws_iam_role.function : role.name == "innerworld-prod-${name}"])
    error_message = "Roles must be named after their functions: policies of secrets name them."
  }

  assert {
    condition = alltrue([for role in aws_iam_role.function :
      one(jsondecode(role.assume_role_policy).Statement).Principal.Service == "lambda.amazonaws.com"
    ])
    error_message = "Lambda alone may take the roles of functions."
  }

  assert {
    condition = alltrue([for name, policy in aws_iam_role_policy.rights :
      [for statement in jsondecode(policy.policy).Statement : statement.Action] == [for right in local.all_functions[name].rights : right.actions]
    ])
    error_message = "Rights must be those of the map, in its order."
  }

  assert {
    condition = alltrue(flatten([for policy in aws_iam_role_policy.rights : [
      for statement in jsondecode(policy.policy).Statement : [for action in statement.Action : !strcontains(action, "*")]
    ]]))
    error_message = "Actions must be named, none by a star."
  }

  assert {
    condition = alltrue(flatten([for policy in aws_iam_role_policy.rights : [
      for statement in jsondecode(policy.policy).Statement : flatten([statement.Resource])[0] != "*"
    ]]))
    error_message = "No right of a function may be on everything."
  }

  assert {
    condition = toset([for name, policy in aws_iam_role_policy.rights : name if strcontains(policy.policy, "execute-api:ManageConnections")]) == toset([
      "conversation-handler", "turn-worker", "session-processor", "session-sweeper", "account-api", "privacy-worker",
    ])
    error_message = "Only functions that speak to sockets may post to them."
  }

  assert {
    condition = alltrue(flatten([for policy in aws_iam_role_policy.rights : [
      for statement in jsondecode(policy.policy).Statement : [
        for resource in flatten([statement.Resource]) : startswith(resource, "arn:aws:execute-api:eu-central-1:123456789012:socket0000/prod/")
      ] if contains(statement.Action, "execute-api:ManageConnections")
    ]]))
    error_message = "Sockets of this stage may be posted to, and no others."
  }

  assert {
    condition = alltrue(flatten([for policy in aws_iam_role_policy.rights : [
      for statement in jsondecode(policy.policy).Statement :
      try(statement.Condition.Null["kms:EncryptionContext:user_id"], "") == "false" if contains(statement.Action, "kms:Decrypt")
    ]]))
    error_message = "A teen's key may be unwrapped only in the name of a teen."
  }

  assert {
    condition     = toset([for name, policy in aws_iam_role_policy.rights : name if strcontains(policy.policy, "secretsmanager:GetSecretValue")]) == toset(["turn-worker", "session-processor", "privacy-worker"])
    error_message = "Secrets are read by the functions that ask models and by the one that takes Apple's grants back."
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.rights["privacy-worker"].policy, "apple/signin-key") && !strcontains(aws_iam_role_policy.rights["privacy-worker"].policy, "openai/api-key")
    error_message = "privacy-worker reads Apple's secret and not the model's."
  }

  assert {
    condition     = toset([for name, policy in aws_iam_role_policy.rights : name if strcontains(policy.policy, "neptune-db:")]) == toset(["graph-writer", "graph-reader"])
    error_message = "Only the graph's functions may ask the graph."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.rights["graph-reader"].policy, "WriteDataViaQuery") && !strcontains(aws_iam_role_policy.rights["graph-reader"].policy, "DeleteDataViaQuery")
    error_message = "graph-reader must not change the graph."
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.rights["graph-writer"].policy, "arn:aws:neptune-db:eu-central-1:123456789012:cluster-ABCDEFGHIJKL/*")
    error_message = "The graph is named by its cluster's resource id: IAM knows no other name of it."
  }

  assert {
    condition = alltrue([for name in ["graph-writer", "graph-reader"] :
      !strcontains(aws_iam_role_policy.rights[name].policy, "kms:") && !strcontains(aws_iam_role_policy.rights[name].policy, "teen-keys")
    ])
    error_message = "The graph's functions must not come near a teen's key."
  }

  assert {
    condition     = toset([for name, policy in aws_iam_role_policy.rights : name if strcontains(policy.policy, "cognito-idp:AdminDeleteUser")]) == toset(["privacy-worker"])
    error_message = "Only privacy-worker may delete an account of the pool."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.rights : !strcontains(policy.policy, "dynamodb:Scan") && !strcontains(policy.policy, "TransactWriteItems")])
    error_message = "Nobody scans a table, and a transaction has no action of its own."
  }

  assert {
    condition     = alltrue([for name in keys(aws_iam_role.function) : length(local.rights[name]) + length(local.platform[name]) < 10240])
    error_message = "IAM takes 10,240 characters of policies in a role."
  }
}

run "what_lambda_needs_for_functions" {
  command = plan

  assert {
    condition = alltrue([for name, policy in aws_iam_role_policy.platform :
      jsondecode(policy.policy).Statement[0].Resource == "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/innerworld-prod-${name}:*"
    ])
    error_message = "A function may write into its own log group and no other."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.platform : !strcontains(policy.policy, "logs:CreateLogGroup")])
    error_message = "Log groups are made here: one that Lambda makes keeps everything."
  }

  assert {
    condition = toset([for name, policy in aws_iam_role_policy.platform : name if anytrue([
      for statement in jsondecode(policy.policy).Statement : flatten([statement.Resource])[0] == "*"
    ])]) == toset(["graph-writer", "graph-reader"])
    error_message = "Only interfaces of the VPC are not named, and only its functions have that right."
  }

  assert {
    condition     = toset([for name, policy in aws_iam_role_policy.platform : name if strcontains(policy.policy, "sqs:SendMessage")]) == toset(["turn-worker", "graph-reader", "session-sweeper"])
    error_message = "Functions that nobody waits for must be able to say that they failed."
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.platform["turn-worker"].policy, "innerworld-prod-turn-failures")
    error_message = "Failed turns must be told apart."
  }

  assert {
    condition     = toset([for name, policy in aws_iam_role_policy.platform : name if strcontains(policy.policy, "secretsmanager.eu-central-1.amazonaws.com")]) == toset(["turn-worker", "session-processor", "privacy-worker"])
    error_message = "Whoever reads a secret must be able to have it decrypted."
  }

  assert {
    condition     = toset([for name, policy in aws_iam_role_policy.platform : name if strcontains(policy.policy, "s3.eu-central-1.amazonaws.com")]) == toset(["account-api", "privacy-worker"])
    error_message = "Whoever reads or writes exports must be able to have them decrypted."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_role_policy.platform : !strcontains(policy.policy, "dynamodb.eu-central-1.amazonaws.com") && !strcontains(policy.policy, "xray:")])
    error_message = "Nobody has rights for what is switched off."
  }

  assert {
    condition = alltrue(flatten([for policy in aws_iam_role_policy.platform : [
      for statement in jsondecode(policy.policy).Statement :
      can(statement.Condition.StringEquals["kms:ViaService"]) if contains(statement.Action, "kms:Decrypt")
    ]]))
    error_message = "Beside teens' keys, the product's key is used through other services only."
  }
}
