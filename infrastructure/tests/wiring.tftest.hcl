mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  }

  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      id           = "api0000000"
      api_endpoint = "https://api0000000.execute-api.us-east-1.amazonaws.com"
    }
  }

  mock_resource "aws_cognito_user_pool" {
    defaults = {
      id  = "us-east-1_AbCdEfGhI"
      arn = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AbCdEfGhI"
    }
  }

  mock_resource "aws_kms_key" {
    defaults = {
      arn    = "arn:aws:kms:us-east-1:123456789012:key/product"
      key_id = "product"
    }
  }

  mock_resource "aws_neptune_cluster" {
    defaults = {
      cluster_resource_id = "cluster-GRAPH"
      endpoint            = "graph.cluster.example"
      reader_endpoint     = "graph.cluster-ro.example"
    }
  }

  mock_resource "aws_apigatewayv2_authorizer" {
    defaults = { id = "auth00" }
  }

  mock_resource "aws_dynamodb_table" {
    defaults = { stream_arn = "arn:aws:dynamodb:us-east-1:123456789012:table/any/stream/1" }
  }

  mock_resource "aws_security_group" {
    defaults = { id = "sg-1" }
  }

  mock_resource "aws_vpc" {
    defaults = { id = "vpc-1" }
  }
}

variables {
  environment        = "prod"
  lambda_package_dir = "tests/packages"
}

run "modules_name_each_others_things_rightly" {
  command = plan

  assert {
    condition = length(setsubtract(
      concat(local.model_secret_readers, local.apple_secret_readers), values(module.lambda.role_names)
    )) == 0
    error_message = "Every reader of a secret must be the role of a function."
  }

  assert {
    condition     = length(local.function_roles) == length(output.function_names) && length(distinct(local.function_roles)) == length(local.function_roles)
    error_message = "The secrets must know the role of every function."
  }

  assert {
    condition     = local.model_secret_readers == ["innerworld-prod-turn-worker", "innerworld-prod-session-processor"]
    error_message = "The model provider's key must be read by those that call a model, and by nobody else."
  }

  assert {
    condition     = local.apple_secret_readers == ["innerworld-prod-privacy-worker"]
    error_message = "Apple's key must be read by the function that takes a grant back, and by nobody else."
  }

  assert {
    condition     = alltrue([for name in values(module.lambda.log_group_names) : can(regex("^/aws/[^/]+/innerworld-prod-", name))])
    error_message = "A log group with another name could not be encrypted by the product's key."
  }

  assert {
    condition     = module.monitoring.dashboard_name == output.dashboard_name && startswith(output.dashboard_name, "innerworld-prod")
    error_message = "The dashboard must have the product's name."
  }

  assert {
    condition     = length(setsubtract([for name in keys(output.queue_names) : "${name}-dlq" if name != "turn-failures"], keys(output.dead_letter_queue_names))) == 0
    error_message = "Each queue between functions must have one for what failed."
  }
}

run "every_function_is_watched" {
  command = plan

  variables {
    graph_backend = "neptune"
    alarm_level   = "full"
    alarm_email   = "oncall@example.org"
  }

  assert {
    condition = alltrue([
      for name in keys(output.function_names) : anytrue([for alarm in output.alarm_names : strcontains(alarm, name)])
    ])
    error_message = "With all alarms every function must have its own."
  }

  assert {
    condition = alltrue([
      for name in keys(output.table_names) : anytrue([for alarm in output.alarm_names : strcontains(alarm, name)])
    ])
    error_message = "With all alarms every table must have its own."
  }

  assert {
    condition     = alltrue([for name in output.alarm_names : startswith(name, "innerworld-prod-")])
    error_message = "Alarms must begin with the product and the environment."
  }

  assert {
    condition     = can(regex("[0-9]", output.alarms_price))
    error_message = "What all alarms cost must be told before they are made."
  }
}

run "origins_and_processor_are_those_asked_for" {
  command = plan

  variables {
    lambda_architecture = "x86_64"
    allowed_origins     = ["https://chat.example.org"]
  }

  assert {
    condition     = local.redirect_urls == ["com.gauntletai.innerworld://signed-in", "https://chat.example.org/signed-in"]
    error_message = "Apps and allowed origins must be returned to, and nobody else."
  }

  assert {
    condition     = local.package_dir == "tests/packages/x86_64"
    error_message = "Packages must be taken from the folder of the processor."
  }
}

run "functions_inside_without_a_gateway_are_refused" {
  command = plan

  plan_options {
    target = [module.networking]
  }

  variables {
    lambda_in_vpc = true
  }

  expect_failures = [data.aws_caller_identity.this]
}

run "a_project_name_with_a_space_is_refused" {
  command = plan

  plan_options {
    target = [module.dynamodb]
  }

  variables {
    project_name = "inner world"
  }

  expect_failures = [var.project_name]
}

run "an_unknown_environment_is_refused" {
  command = plan

  plan_options {
    target = [module.dynamodb]
  }

  variables {
    environment = "production"
  }

  expect_failures = [var.environment]
}

run "a_region_that_is_none_is_refused" {
  command = plan

  plan_options {
    target = [module.dynamodb]
  }

  variables {
    aws_region = "us-east"
  }

  expect_failures = [var.aws_region]
}

run "an_unknown_graph_is_refused" {
  command = plan

  plan_options {
    target = [module.networking]
  }

  variables {
    graph_backend = "neo4j"
  }

  expect_failures = [var.graph_backend]
}

run "tags_of_awss_own_are_refused" {
  command = plan

  plan_options {
    target = [module.dynamodb]
  }

  variables {
    tags = { "aws:team" = "example" }
  }

  expect_failures = [var.tags]
}
