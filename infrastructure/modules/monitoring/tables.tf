# The tables. ThrottledRequests and SystemErrors are kept by table and operation together: asked for by the
# table alone they give nothing, ever (doc "DynamoDB metrics and dimensions"). Throttle events are kept by
# table, and by index apart.

locals {
  # Indexes of each table, and the operations that functions use on it. Parts of a transaction are counted
  # as TransactWriteItems.
  tables = {
    live-conversations = {
      indexes    = ["SessionIndex", "UserIndex"]
      operations = ["GetItem", "Query", "PutItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"]
    }
    websocket-connections = {
      indexes    = ["UserConnectionsIndex", "SessionConnectionsIndex"]
      operations = ["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"]
    }
    session-context = {
      indexes    = []
      operations = ["GetItem", "Query", "PutItem", "DeleteItem", "TransactWriteItems"]
    }
    sessions = {
      indexes = ["SweepIndex"]
      operations = [
        "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
      ]
    }
    teens = {
      indexes    = ["SweepIndex"]
      operations = ["GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"]
    }
    memory = {
      indexes    = []
      operations = ["GetItem", "Query", "PutItem", "DeleteItem", "TransactWriteItems"]
    }
    teen-keys = {
      indexes    = []
      operations = ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"]
    }
    counters = {
      indexes    = []
      operations = ["GetItem", "PutItem", "UpdateItem", "TransactWriteItems"]
    }
  }

  # Each table and each index once: what throttle events are asked for by.
  throttled = {
    for name, table in local.tables : name => concat(
      [{ id = replace(name, "-", "_"), dimensions = { TableName = var.table_names[name] } }],
      [for index in table.indexes : {
        id         = "${replace(name, "-", "_")}_${lower(index)}"
        dimensions = { TableName = var.table_names[name], GlobalSecondaryIndexName = index }
      }],
    )
  }

  # Reads and writes apart: two metrics a place.
  throttle_metrics = {
    for name, places in local.throttled : name => merge([
      for place in places : {
        for kind in ["Read", "Write"] : "${place.id}_${lower(kind)}" => {
          namespace  = "AWS/DynamoDB"
          metric     = "${kind}ThrottleEvents"
          dimensions = place.dimensions
          statistic  = "Sum"
        }
      }
    ]...)
  }

  # A talk stands on two tables. One alarm for both, of ten metrics, which is all that an alarm takes.
  essential_throttles = { sessions-tables = ["live-conversations", "sessions"] }
  full_throttles      = { for name in keys(local.tables) : name => [name] }

  table_alarms = merge(
    {
      for name, tables in(local.is_full ? local.full_throttles : local.essential_throttles) :
      "${name}-throttles" => {
        description = "Reads or writes of ${join(" and ", tables)} are held back, at the table or at an index."
        comparison  = "GreaterThanThreshold"
        threshold   = 0
        period_s    = 300
        periods     = 3
        datapoints  = 2
        expression  = "SUM(METRICS())"
        metrics     = merge([for table in tables : local.throttle_metrics[table]]...)
      }
    },
    {
      for alarm in flatten([
        for name, table in local.tables : [
          for kind, metric in { system-errors = "SystemErrors", throttled-requests = "ThrottledRequests" } : {
            name                              = name, kind = kind, metric = metric, operations = table.operations
          }
        ] if local.is_full
        ]) : "${alarm.name}-${alarm.kind}" => {
        description = (alarm.kind == "system-errors"
          ? "DynamoDB fails at ${alarm.name}: see the health page of AWS."
          : "Requests to ${alarm.name} are refused because they are too many."
        )
        comparison = "GreaterThanThreshold"
        threshold  = 0
        period_s   = 300
        periods    = 3
        datapoints = 2
        expression = "SUM(METRICS())"
        metrics = {
          for operation in alarm.operations : lower(operation) => {
            namespace  = "AWS/DynamoDB"
            metric     = alarm.metric
            dimensions = { TableName = var.table_names[alarm.name], Operation = operation }
            statistic  = "Sum"
          }
        }
      }
    },
  )
}
