mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
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

run "with_a_gateway_private_subnets_have_a_way_out_and_the_graph_has_none" {
  command = plan

  variables {
    enable_nat_gateway      = true
    availability_zone_count = 3
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1
    error_message = "One gateway must serve all zones."
  }

  assert {
    condition     = length(aws_route.nat) == 3 && length(aws_route_table.private) == 3
    error_message = "Every zone's private subnets must have a route to the gateway."
  }

  assert {
    condition     = alltrue([for route in aws_route.nat : route.destination_cidr_block == "0.0.0.0/0"])
    error_message = "The gateway's route must be the one to the internet."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch == false])
    error_message = "Nothing may get a public address by itself."
  }

  assert {
    condition     = [for subnet in aws_subnet.public : subnet.cidr_block] == ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"]
    error_message = "The public subnets must begin at the first sixteenth."
  }

  assert {
    condition     = length(aws_route_table_association.database) == 3 && aws_route_table.database.tags.Name == "innerworld-prod-database"
    error_message = "The graph's subnets must have their own table, which has no route."
  }
}

run "each_zone_may_have_its_own_gateway" {
  command = plan

  variables {
    enable_nat_gateway      = true
    single_nat_gateway      = false
    availability_zone_count = 3
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_eip.nat) == 3
    error_message = "Each of the three zones must have its gateway."
  }
}

run "functions_outside_of_the_graph_get_out_by_https_only" {
  command = plan

  variables {
    enable_nat_gateway              = true
    enable_internet_security_group  = true
    enable_secrets_manager_endpoint = true
  }

  assert {
    condition = (
      aws_vpc_security_group_egress_rule.lambda_internet_to_https["this"].from_port == 443 &&
      aws_vpc_security_group_egress_rule.lambda_internet_to_https["this"].to_port == 443 &&
      aws_vpc_security_group_egress_rule.lambda_internet_to_https["this"].ip_protocol == "tcp"
    )
    error_message = "These functions must be let out to HTTPS only."
  }

  assert {
    condition     = aws_security_group.lambda_internet["this"].name == "innerworld-prod-lambda-internet"
    error_message = "These functions must have a group of their own, beside that of the graph's functions."
  }

  assert {
    condition     = aws_vpc_endpoint.interface["secretsmanager"].private_dns_enabled
    error_message = "The endpoint of Secrets Manager must answer to the service's name."
  }

  assert {
    condition = (
      one(jsondecode(aws_vpc_endpoint.interface["secretsmanager"].policy).Statement).Resource ==
      "arn:aws:secretsmanager:us-east-1:123456789012:secret:innerworld-prod/*"
    )
    error_message = "The endpoint of Secrets Manager must lead to our own secrets only."
  }

  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.endpoint_from_lambda_internet)) == toset(["secretsmanager"])
    error_message = "The endpoint must let these functions in."
  }
}

run "access_lists_open_what_is_needed_and_nothing_else" {
  command = plan

  variables {
    enable_network_acls = true
    enable_nat_gateway  = true
  }

  assert {
    condition     = toset(keys(aws_network_acl.this)) == toset(["database", "private", "public"])
    error_message = "Each tier must have its access list."
  }

  assert {
    condition     = alltrue([for rule in aws_network_acl_rule.this : rule.protocol == "tcp" && rule.rule_action == "allow"])
    error_message = "Access lists must only open TCP: the rest is refused by default."
  }

  assert {
    condition = toset([
      for key, rule in aws_network_acl_rule.this : "${rule.cidr_block}:${rule.from_port}" if startswith(key, "database-in")
    ]) == toset(["10.0.64.0/20:8182", "10.0.80.0/20:8182"])
    error_message = "The graph's subnets must let in the private subnets on the graph's port, and nobody else."
  }

  assert {
    condition = alltrue([
      for key, rule in aws_network_acl_rule.this : rule.cidr_block != "0.0.0.0/0" if startswith(key, "database-")
    ])
    error_message = "The graph's subnets must have no rule for the internet."
  }

  assert {
    condition = alltrue([
      for key, rule in aws_network_acl_rule.this : rule.from_port >= 1024
      if rule.cidr_block == "0.0.0.0/0" && !rule.egress
    ])
    error_message = "From the internet only answers may come in."
  }
}

run "without_a_gateway_there_is_no_public_tier" {
  command = plan

  variables {
    enable_network_acls  = true
    enable_vpc_flow_logs = false
  }

  assert {
    condition     = toset(keys(aws_network_acl.this)) == toset(["database", "private"])
    error_message = "Without a gateway there must be no access list of a public tier."
  }

  assert {
    condition     = length(aws_flow_log.this) == 0 && length(aws_cloudwatch_log_group.flow_logs) == 0 && length(aws_iam_role.flow_logs) == 0
    error_message = "Flow logs that are off must leave nothing behind."
  }
}

run "the_smallest_block_has_room_for_three_zones" {
  command = plan

  variables {
    vpc_cidr                = "10.9.8.0/24"
    availability_zone_count = 3
  }

  assert {
    condition     = [for subnet in aws_subnet.database : subnet.cidr_block] == ["10.9.8.128/28", "10.9.8.144/28", "10.9.8.160/28"]
    error_message = "A /24 must be cut into sixteen /28."
  }
}

run "a_block_that_is_too_small_is_refused" {
  command = plan

  variables {
    vpc_cidr = "10.0.0.0/25"
  }

  expect_failures = [var.vpc_cidr]
}

run "one_zone_is_refused" {
  command = plan

  variables {
    availability_zone_count = 1
  }

  expect_failures = [var.availability_zone_count]
}

run "days_that_cloudwatch_does_not_know_are_refused" {
  command = plan

  variables {
    log_retention_days = 10
  }

  expect_failures = [var.log_retention_days]
}
