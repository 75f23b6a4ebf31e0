# Automatic scaling, with PROVISIONED only: every table and every index, reads and writes apart.
locals {
  scaled_tables = {
    for name in keys(local.tables) : name => {
      resource  = "table/${var.name_prefix}-${name}"
      dimension = "dynamodb:table"
      purpose   = local.tables[name].purpose
    }
  }

  scaled_indexes = merge([
    for name, table in local.tables : {
      for index in keys(table.indexes) : "${name}/${index}" => {
        resource  = "table/${var.name_prefix}-${name}/index/${index}"
        dimension = "dynamodb:index"
        purpose   = table.purpose
      }
    }
  ]...)

  directions = {
    read = {
      min       = var.provisioned.read_min
      max       = var.provisioned.read_max
      dimension = "ReadCapacityUnits"
      metric    = "DynamoDBReadCapacityUtilization"
    }

    write = {
      min       = var.provisioned.write_min
      max       = var.provisioned.write_max
      dimension = "WriteCapacityUnits"
      metric    = "DynamoDBWriteCapacityUtilization"
    }
  }

  scaled = merge([
    for direction, units in local.directions : {
      for key, target in merge(local.scaled_tables, local.scaled_indexes) : "${key}:${direction}" => {
        resource  = target.resource
        dimension = "${target.dimension}:${units.dimension}"
        purpose   = target.purpose
        min       = units.min
        max       = units.max
        metric    = units.metric
      } if local.is_provisioned
    }
  ]...)
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.scaled

  max_capacity       = each.value.max
  min_capacity       = each.value.min
  resource_id        = each.value.resource
  scalable_dimension = each.value.dimension
  service_namespace  = "dynamodb"
  tags               = merge(var.tags, { Purpose = each.value.purpose })

  depends_on = [aws_dynamodb_table.this]
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.scaled

  name               = "${var.name_prefix}-${replace(each.key, "/[/:]/", "-")}"
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace

  target_tracking_scaling_policy_configuration {
    target_value = var.provisioned.target_percent

    predefined_metric_specification {
      predefined_metric_type = each.value.metric
    }
  }
}
