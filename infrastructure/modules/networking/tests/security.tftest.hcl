mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  }

  mock_data "aws_prefix_list" {
    defaults = { id = "pl-02cd2c6b" }
  }

  # Known in a plan, so that rules can be asserted by whom they let in.
  mock_resource "aws_vpc" {
    override_during = plan
    defaults        = { id = "vpc-1" }
  }
}

override_resource {
  target          = aws_security_group.neptune
  override_during = plan
  values          = { id = "sg-neptune" }
}

override_resource {
  target          = aws_route_table.database
  override_during = plan
  values          = { id = "rtb-database" }
}

override_resource {
  target          = aws_route_table.private
  override_during = plan
  values          = { id = "rtb-private" }
}

override_resource {
  target          = aws_route_table.public
  override_during = plan
  values          = { id = "rtb-public" }
}

override_resource {
  target          = aws_security_group.lambda_graph
  override_during = plan
  values          = { id = "sg-lambda-graph" }
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

run "the_graph_is_reached_by_its_functions_only" {
  command = plan

  assert {
    condition     = aws_vpc_security_group_ingress_rule.neptune_from_lambda_graph.referenced_security_group_id == "sg-lambda-graph"
    error_message = "Only the functions of the graph may be let in."
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.neptune_from_lambda_graph.from_port == 8182 &&
      aws_vpc_security_group_ingress_rule.neptune_from_lambda_graph.to_port == 8182 &&
      aws_vpc_security_group_ingress_rule.neptune_from_lambda_graph.ip_protocol == "tcp"
    )
    error_message = "The graph must be reached on its port only."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.neptune_from_lambda_graph.cidr_ipv4 == null
    error_message = "The graph must not be reached by addresses."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.lambda_graph_to_neptune.referenced_security_group_id == "sg-neptune"
    error_message = "The functions of the graph must be let out to the graph."
  }

  assert {
    condition = (
      aws_vpc_security_group_egress_rule.lambda_graph_to_neptune.from_port == 8182 &&
      aws_vpc_security_group_egress_rule.lambda_graph_to_neptune.to_port == 8182
    )
    error_message = "The functions of the graph must be let out to the graph's port only."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.lambda_graph_to_neptune.security_group_id == "sg-lambda-graph"
    error_message = "The way to the graph must be that of its functions."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.lambda_graph_to_dynamodb.prefix_list_id == "pl-02cd2c6b"
    error_message = "Beside the graph, its functions must be let out to the tables' prefix list only."
  }

  assert {
    condition = (
      aws_vpc_security_group_egress_rule.lambda_graph_to_dynamodb.cidr_ipv4 == null &&
      aws_vpc_security_group_egress_rule.lambda_graph_to_dynamodb.to_port == 443
    )
    error_message = "The tables must be reached by HTTPS and not by addresses."
  }

  assert {
    condition = alltrue([
      for rule in [
        aws_vpc_security_group_egress_rule.lambda_graph_to_neptune, aws_vpc_security_group_egress_rule.lambda_graph_to_dynamodb,
      ] : rule.security_group_id != "sg-neptune"
    ])
    error_message = "The graph's security group must have no rule for what leaves."
  }

  assert {
    condition     = aws_default_security_group.this.vpc_id == "vpc-1"
    error_message = "The VPC's default security group must be taken over, to be emptied."
  }
}

run "the_graphs_subnets_have_a_table_without_a_way_out" {
  command = plan

  variables {
    enable_nat_gateway = true
  }

  assert {
    condition     = alltrue([for one in aws_route_table_association.database : one.route_table_id == "rtb-database"])
    error_message = "The graph's subnets must have their own table of routes."
  }

  assert {
    condition = alltrue([
      for route in concat(values(aws_route.nat), values(aws_route.internet)) : route.route_table_id != "rtb-database"
    ])
    error_message = "No route out may stand in the table of the graph's subnets."
  }
}
