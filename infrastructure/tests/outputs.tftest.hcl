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

run "by_default_there_is_no_graph_database_and_names_are_the_documented_ones" {
  command = plan

  assert {
    condition     = can(regex("^{", output.api_endpoints))
    error_message = "The endpoints must be text: `terraform output -raw` takes no object."
  }

  assert {
    condition     = toset(keys(jsondecode(output.api_endpoints))) == toset(["health_check_url", "http_api_url", "websocket_url"])
    error_message = "The text must have the three addresses."
  }

  assert {
    condition     = jsondecode(output.api_endpoints).health_check_url == "https://api0000000.execute-api.us-east-1.amazonaws.com/health"
    error_message = "The health check must be at /health of the HTTP API."
  }

  assert {
    condition     = alltrue([for url in values(jsondecode(output.api_endpoints)) : can(regex("^[^ &']+$", url))])
    error_message = "The addresses must survive a shell without quotes."
  }

  assert {
    condition     = jsondecode(output.api_endpoints) == output.endpoints
    error_message = "Text and object must say the same."
  }

  assert {
    condition     = output.table_names["live-conversations"] == "innerworld-prod-live-conversations"
    error_message = "The table of what is said must have the documented name."
  }

  assert {
    condition     = output.function_names["conversation-handler"] == "innerworld-prod-conversation-handler"
    error_message = "The function that is invoked by hand must have the documented name."
  }

  assert {
    condition = output.model_secret_id == "innerworld-prod/openai/api-key" && (
      output.apple_secret_id == "innerworld-prod/apple/signin-key"
    )
    error_message = "The secrets must have the documented names."
  }

  assert {
    condition     = output.kms_alias_name == "alias/innerworld-prod"
    error_message = "The key must have the name that functions and tools call it by."
  }

  assert {
    condition     = output.websocket_api_id == "api0000000" && output.authorizer_id == "auth00"
    error_message = "The ids that ask for the authoriser must be told."
  }

  assert {
    condition     = output.issuer == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI"
    error_message = "The issuer must be the pool of this region."
  }

  assert {
    condition     = alltrue([for name in concat(values(output.function_names), values(output.table_names)) : startswith(name, "innerworld-prod-")])
    error_message = "Every name must begin with the product and the environment."
  }

  assert {
    condition     = length(module.networking) == 0 && output.vpc_id == null
    error_message = "Without graph database there must be no VPC."
  }

  assert {
    condition     = length(module.neptune) == 0 && output.neptune_cluster_identifier == null && output.neptune_endpoint == null
    error_message = "By default there must be no graph database."
  }

  assert {
    condition     = length(output.function_names) == 13 && !contains(keys(output.function_names), "graph-writer")
    error_message = "Without graph database its two functions must not exist."
  }

  assert {
    condition     = length(output.table_names) == 8
    error_message = "There must be eight tables."
  }

  assert {
    condition     = length(output.alarm_names) == 12
    error_message = "There must be the twelve alarms that somebody must act on."
  }

  assert {
    condition     = output.hosted_domain == null
    error_message = "Without Sign in with Apple there must be no hosted pages."
  }
}

run "a_graph_database_brings_its_network_and_its_functions" {
  command = plan

  variables {
    graph_backend = "neptune"
  }

  assert {
    condition     = output.vpc_id == "vpc-1" && output.neptune_security_group_id == "sg-1"
    error_message = "The graph's network and its security group must be told."
  }

  assert {
    condition     = output.neptune_cluster_identifier == "innerworld-prod-neptune-cluster"
    error_message = "The graph's cluster must have the documented name."
  }

  assert {
    condition     = output.neptune_endpoint == "graph.cluster.example" && output.neptune_cluster_resource_id == "cluster-GRAPH"
    error_message = "The graph's address and id must be told."
  }

  assert {
    condition     = toset([for name in keys(output.function_names) : name if startswith(name, "graph-")]) == toset(["graph-reader", "graph-writer"])
    error_message = "The graph's two functions must exist."
  }

  assert {
    condition     = length(output.alarm_names) == 15
    error_message = "The graph must bring three alarms."
  }

  assert {
    condition     = length(one(module.networking[*].private_subnet_ids)) == 2 && length(one(module.networking[*].public_subnet_ids)) == 0
    error_message = "The graph's network must have private subnets in two zones and no public one."
  }

  assert {
    condition     = one(module.networking[*].lambda_internet_security_group_id) == null
    error_message = "No security group may lead to the internet unless all functions run inside."
  }
}

run "all_functions_inside_have_a_group_that_leads_out" {
  command = plan

  plan_options {
    target = [module.networking, module.neptune]
  }

  variables {
    lambda_in_vpc      = true
    enable_nat_gateway = true
  }

  assert {
    condition     = length(module.networking) == 1 && length(module.neptune) == 0
    error_message = "The network must be made without a graph too."
  }

  assert {
    condition     = one(module.networking[*].lambda_internet_security_group_id) == "sg-1"
    error_message = "The functions that call the internet must be given the group that leads there."
  }
}

run "dev_is_not_protected_and_named_apart" {
  command = plan

  variables {
    environment  = "dev"
    project_name = "other"
  }

  assert {
    condition     = output.table_names["memory"] == "other-dev-memory" && output.kms_alias_name == "alias/other-dev"
    error_message = "Another project and environment must be in every name."
  }

  assert {
    condition     = local.is_protected == false
    error_message = "Outside of prod, tables and pool must be deletable."
  }
}
