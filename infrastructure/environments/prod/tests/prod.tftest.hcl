# The thin root. The three example files are planned as they are, by `cargo xtask terraform`; this is what holds for each.
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
  lambda_package_dir = "../../tests/packages"
}

run "what_is_not_set_has_the_defaults_of_the_root" {
  command = plan

  assert {
    condition     = output.table_names["live-conversations"] == "innerworld-prod-live-conversations"
    error_message = "Without a file of values the names must be those of innerworld-prod."
  }

  assert {
    condition     = output.vpc_id == null && output.neptune_endpoint == null
    error_message = "Without a file of values graphs must lie in the tables."
  }

  assert {
    condition     = length(output.alarm_names) == 12
    error_message = "Without a file of values there must be the essential alarms."
  }

  assert {
    condition     = jsondecode(output.api_endpoints).health_check_url == output.endpoints.health_check_url
    error_message = "The health check's address must come out of the text for `-raw`."
  }
}

run "the_documented_variables_reach_their_modules" {
  command = plan

  variables {
    graph_backend           = "neptune"
    neptune_instance_class  = "db.r5.xlarge"
    neptune_instance_count  = 3
    enable_dynamodb_streams = true
  }

  assert {
    condition     = output.neptune_cluster_identifier == "innerworld-prod-neptune-cluster"
    error_message = "The cluster must have the name that the documented commands use."
  }

  assert {
    condition     = output.neptune_security_group_id == "sg-1"
    error_message = "The graph's security group must be told."
  }

  assert {
    condition     = alltrue([for arn in values(output.stream_arns) : arn != null])
    error_message = "Every table must have the stream that was asked for."
  }

  assert {
    condition     = length(output.alarm_names) == 19
    error_message = "Each of the three instances must be watched, and the cluster."
  }
}

run "another_environment_does_not_take_prods_state" {
  command = plan

  plan_options {
    target = [module.innerworld.module.dynamodb]
  }

  variables {
    environment = "staging"
  }

  expect_failures = [var.environment]
}
