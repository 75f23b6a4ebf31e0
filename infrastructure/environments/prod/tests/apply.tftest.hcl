# Made and taken away again, with invented values for what only AWS knows: a circle among resources would show here and not
# in a plan. Of AWS itself it shows nothing.
mock_provider "aws" {
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

run "the_largest_deployment_is_made_and_taken_away" {
  variables {
    graph_backend                   = "neptune"
    neptune_instance_count          = 2
    enable_nat_gateway              = true
    enable_network_acls             = true
    enable_secrets_manager_endpoint = true
    enable_dynamodb_streams         = true
    encrypt_tables_with_product_key = true
    lambda_in_vpc                   = true
    apple_signin = {
      team_id     = "ABCDE12345"
      key_id      = "FGHIJ67890"
      client_id   = "org.example.app.signin"
      private_key = "an invented key"
    }
  }

  assert {
    condition     = can(jsondecode(output.api_endpoints).websocket_url)
    error_message = "What has been made must tell its addresses."
  }

  assert {
    condition     = output.neptune_cluster_resource_id == "cluster-GRAPH" && length(output.function_names) == 15
    error_message = "The graph and all functions must have been made."
  }

  assert {
    condition     = startswith(output.hosted_domain, "https://innerworld-prod-")
    error_message = "With Sign in with Apple there must be hosted pages."
  }
}
