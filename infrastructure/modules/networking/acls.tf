# A second fence around each tier, for those who want one: security groups alone already say all of this. An access list
# knows nothing of connections, so the way back has to be opened too. Answers come to any port from 1024 on: that is
# where NAT gateways, Lambda's network interfaces and clients send from.
locals {
  anywhere = "0.0.0.0/0"

  # Number of the rule => direction, ports and the other side.
  acl_rules = {
    database = {
      for index, zone in keys(local.zones) : zone => [
        { egress = false, from_port = 8182, to_port = 8182, cidr = local.cidrs.private[zone], number = 100 + index },
        { egress = true, from_port = 1024, to_port = 65535, cidr = local.cidrs.private[zone], number = 100 + index },
      ]
    }

    private = merge(
      {
        for index, zone in keys(local.zones) : zone => [
          { egress = true, from_port = 8182, to_port = 8182, cidr = local.cidrs.database[zone], number = 100 + index },
          { egress = false, from_port = 443, to_port = 443, cidr = local.cidrs.private[zone], number = 110 + index },
        ]
      },
      {
        # Tables are reached by public addresses, also through a gateway endpoint.
        anywhere = [
          { egress = true, from_port = 443, to_port = 443, cidr = local.anywhere, number = 200 },
          { egress = true, from_port = 1024, to_port = 65535, cidr = var.vpc_cidr, number = 210 },
          { egress = false, from_port = 1024, to_port = 65535, cidr = local.anywhere, number = 200 },
        ]
      }
    )

    public = {
      anywhere = [
        { egress = false, from_port = 443, to_port = 443, cidr = var.vpc_cidr, number = 100 },
        { egress = false, from_port = 1024, to_port = 65535, cidr = local.anywhere, number = 200 },
        { egress = true, from_port = 443, to_port = 443, cidr = local.anywhere, number = 100 },
        { egress = true, from_port = 1024, to_port = 65535, cidr = var.vpc_cidr, number = 200 },
      ]
    }
  }

  acl_tiers = toset([
    for tier in keys(local.acl_rules) : tier
    if var.enable_network_acls && (tier != "public" || var.enable_nat_gateway)
  ])

  flat_acl_rules = merge([
    for tier in local.acl_tiers : {
      for rule in flatten(values(local.acl_rules[tier])) :
      "${tier}-${rule.egress ? "out" : "in"}-${rule.number}" => merge(rule, { tier = tier })
    }
  ]...)
}

resource "aws_network_acl" "this" {
  for_each = local.acl_tiers

  vpc_id = aws_vpc.this.id
  subnet_ids = {
    database = [for subnet in aws_subnet.database : subnet.id]
    private  = [for subnet in aws_subnet.private : subnet.id]
    public   = [for subnet in aws_subnet.public : subnet.id]
  }[each.key]
  tags = merge(local.tags, { Name = "${var.name_prefix}-${each.key}" })
}

resource "aws_network_acl_rule" "this" {
  for_each = local.flat_acl_rules

  network_acl_id = aws_network_acl.this[each.value.tier].id
  protocol       = "tcp"
  rule_action    = "allow"
  rule_number    = each.value.number
  cidr_block     = each.value.cidr
  egress         = each.value.egress
  from_port      = each.value.from_port
  to_port        = each.value.to_port
}
