mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  }

  mock_data "aws_prefix_list" {
    defaults = { id = "pl-02cd2c6b" }
  }
}

variables {
  name_prefix = "innerworld-prod"
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/product"
  aws_context = {
    partition  = "aws"
    region     = "us-east-1"
    account_id = "123456789012"
  }
}

run "by_default_nothing_leads_out" {
  command = plan

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0
    error_message = "By default there must be no NAT gateway and no address for one."
  }

  assert {
    condition     = length(aws_internet_gateway.this) == 0 && length(aws_route.internet) == 0 && length(aws_route.nat) == 0
    error_message = "By default there must be no internet gateway and no route out."
  }

  assert {
    condition     = length(aws_subnet.public) == 0
    error_message = "By default there must be no public subnet."
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0
    error_message = "By default there must be no interface endpoint, which is paid by the hour."
  }

  assert {
    condition = length(aws_security_group.lambda_internet) == 0 && (
      length(aws_vpc_security_group_egress_rule.lambda_internet_to_https) == 0
    )
    error_message = "By default no security group may let anybody out to the internet."
  }

  assert {
    condition     = length(aws_network_acl.this) == 0 && length(aws_network_acl_rule.this) == 0
    error_message = "By default there must be no access lists beside the security groups."
  }
}

run "subnets_lie_in_two_zones_and_apart" {
  command = plan

  assert {
    condition     = length(aws_subnet.private) == 2 && length(aws_subnet.database) == 2
    error_message = "There must be a private and a database subnet in each of two zones."
  }

  assert {
    condition     = [for subnet in aws_subnet.private : subnet.cidr_block] == ["10.0.64.0/20", "10.0.80.0/20"]
    error_message = "The private subnets must begin at the fifth sixteenth."
  }

  assert {
    condition     = [for subnet in aws_subnet.database : subnet.cidr_block] == ["10.0.128.0/20", "10.0.144.0/20"]
    error_message = "The database subnets must begin at the ninth sixteenth."
  }

  assert {
    condition     = [for subnet in aws_subnet.database : subnet.availability_zone] == ["us-east-1a", "us-east-1b"]
    error_message = "The database subnets must lie in different zones."
  }

  assert {
    condition     = aws_vpc.this.cidr_block == "10.0.0.0/16" && aws_vpc.this.enable_dns_support && aws_vpc.this.enable_dns_hostnames
    error_message = "The VPC must have its block, and names must be resolved in it."
  }
}

run "endpoints_lead_to_our_own_tables_and_buckets_only" {
  command = plan

  assert {
    condition = { for name, endpoint in aws_vpc_endpoint.gateway : name => endpoint.service_name } == {
      dynamodb = "com.amazonaws.us-east-1.dynamodb"
      s3       = "com.amazonaws.us-east-1.s3"
    }
    error_message = "There must be the two endpoints that are free."
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.gateway : endpoint.vpc_endpoint_type == "Gateway"])
    error_message = "The free endpoints must be gateways."
  }

  assert {
    condition = (
      one(jsondecode(aws_vpc_endpoint.gateway["dynamodb"].policy).Statement).Resource ==
      "arn:aws:dynamodb:us-east-1:123456789012:table/innerworld-prod-*"
    )
    error_message = "The endpoint of DynamoDB must lead to our own tables only."
  }

  assert {
    condition = (
      one(jsondecode(aws_vpc_endpoint.gateway["s3"].policy).Statement).Resource ==
      "arn:aws:s3:::innerworld-prod-exports-123456789012/*"
    )
    error_message = "The endpoint of S3 must lead to our own exports only."
  }

  assert {
    condition = alltrue([
      for endpoint in aws_vpc_endpoint.gateway :
      one(jsondecode(endpoint.policy).Statement).Condition.StringEquals["aws:PrincipalAccount"] == "123456789012"
    ])
    error_message = "An endpoint must be used by our own account only."
  }

  assert {
    condition = alltrue(flatten([
      for endpoint in aws_vpc_endpoint.gateway : [
        for action in one(jsondecode(endpoint.policy).Statement).Action : !strcontains(action, "*")
      ]
    ]))
    error_message = "An endpoint must name the actions that it lets through."
  }
}

run "connections_are_logged_under_the_products_key" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_group.flow_logs["this"].name == "/aws/vpc/innerworld-prod-flow-logs"
    error_message = "The log of flows must have a name that the key's policy covers."
  }

  assert {
    condition     = aws_cloudwatch_log_group.flow_logs["this"].kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/product"
    error_message = "The log of flows must be encrypted by the product's key."
  }

  assert {
    condition     = aws_cloudwatch_log_group.flow_logs["this"].retention_in_days == 14
    error_message = "The log of flows must be kept for the days asked for."
  }

  assert {
    condition = one(jsondecode(aws_iam_role_policy.flow_logs["this"].policy).Statement).Resource == [
      "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vpc/innerworld-prod-flow-logs",
      "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vpc/innerworld-prod-flow-logs:*",
    ]
    error_message = "Flow logs must be written into their own log group only."
  }

  assert {
    condition = one(jsondecode(aws_iam_role.flow_logs["this"].assume_role_policy).Statement) == {
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    }
    error_message = "Only flow logs of our own account may take on the role."
  }

  assert {
    condition     = aws_flow_log.this["this"].traffic_type == "ALL"
    error_message = "Accepted and refused connections must both be logged."
  }
}

run "everything_is_tagged_with_its_purpose" {
  command = plan

  variables {
    enable_nat_gateway              = true
    enable_network_acls             = true
    enable_internet_security_group  = true
    enable_secrets_manager_endpoint = true
    tags                            = { Team = "example" }
  }

  assert {
    condition = alltrue([
      for tags in concat(
        [aws_vpc.this.tags, aws_default_security_group.this.tags, aws_route_table.database.tags],
        [for one in aws_subnet.public : one.tags], [for one in aws_subnet.private : one.tags],
        [for one in aws_subnet.database : one.tags], [for one in aws_internet_gateway.this : one.tags],
        [for one in aws_eip.nat : one.tags], [for one in aws_nat_gateway.this : one.tags],
        [for one in aws_route_table.public : one.tags], [for one in aws_route_table.private : one.tags],
        [for one in aws_vpc_endpoint.gateway : one.tags], [for one in aws_vpc_endpoint.interface : one.tags],
        [aws_security_group.neptune.tags, aws_security_group.lambda_graph.tags],
        [for one in aws_security_group.lambda_internet : one.tags], [for one in aws_security_group.endpoint : one.tags],
        [for one in aws_network_acl.this : one.tags], [for one in aws_flow_log.this : one.tags],
        [for one in aws_iam_role.flow_logs : one.tags], [for one in aws_cloudwatch_log_group.flow_logs : one.tags],
        [aws_vpc_security_group_ingress_rule.neptune_from_lambda_graph.tags],
        [aws_vpc_security_group_egress_rule.lambda_graph_to_neptune.tags],
        [aws_vpc_security_group_egress_rule.lambda_graph_to_dynamodb.tags],
      ) : tags.Purpose == "network" && tags.Team == "example"
    ])
    error_message = "Everything must be tagged with its purpose, and with what the deployment adds."
  }
}
