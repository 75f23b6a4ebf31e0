data "aws_availability_zones" "this" {
  state = "available"

  # By name, so that a zone that AWS adds later moves nothing. Local zones, which have longer names and no graph database,
  # are left out by it too.
  filter {
    name   = "zone-name"
    values = [for letter in ["a", "b", "c", "d", "e", "f"] : "${var.aws_context.region}${letter}"]
  }
}

locals {
  tags = merge(var.tags, { Purpose = "network" })

  # By number and not by name, so that addresses in the state are the same in every region.
  zones = {
    for index in range(var.availability_zone_count) :
    tostring(index + 1) => { index = index, name = data.aws_availability_zones.this.names[index] }
  }

  # A tier begins at every fourth sixteenth: a third zone moves nobody.
  first = { public = 0, private = 4, database = 8 }
  cidrs = {
    for tier, first in local.first : tier => {
      for key, zone in local.zones : key => cidrsubnet(var.vpc_cidr, 4, first + zone.index)
    }
  }

  # Subnets are public if there is something in them that faces the internet: a gateway for the private ones.
  public_zones = { for key, zone in local.zones : key => zone if var.enable_nat_gateway }
  nat_zones    = { for key, zone in local.public_zones : key => zone if key == "1" || !var.single_nat_gateway }
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = merge(local.tags, { Name = var.name_prefix })
}

# AWS makes this group and lets everything of it talk to everything of it. Nothing here uses it, and it allows nothing.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = "${var.name_prefix}-default-unused" })
}

resource "aws_subnet" "public" {
  for_each = local.public_zones

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.value.name
  cidr_block              = local.cidrs.public[each.key]
  map_public_ip_on_launch = false
  tags                    = merge(local.tags, { Name = "${var.name_prefix}-public-${each.key}" })
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.value.name
  cidr_block        = local.cidrs.private[each.key]
  tags              = merge(local.tags, { Name = "${var.name_prefix}-private-${each.key}" })
}

resource "aws_subnet" "database" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.value.name
  cidr_block        = local.cidrs.database[each.key]
  tags              = merge(local.tags, { Name = "${var.name_prefix}-database-${each.key}" })
}
