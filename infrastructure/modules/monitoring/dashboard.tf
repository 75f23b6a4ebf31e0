# One page for whoever was woken. Its metrics stay below fifty: the first three pages of an account are free
# up to that.

locals {
  socket_metric = ["ApiId", var.websocket_api_id, "Stage", var.websocket_stage_name]
  talk          = ["conversation-handler", "turn-worker", "session-processor"]

  widgets = concat(
    [
      {
        title = "Sockets: opened, messages"
        metrics = [for metric in ["ConnectCount", "MessageCount"] :
          concat(["AWS/ApiGateway", metric], local.socket_metric, [{ stat = "Sum" }])
        ]
      },
      {
        title = "Sockets: errors"
        metrics = [for metric in ["IntegrationError", "ExecutionError", "ClientError"] :
          concat(["AWS/ApiGateway", metric], local.socket_metric, [{ stat = "Sum" }])
        ]
      },
      {
        title   = "Sockets: latency, 95 of 100"
        metrics = [concat(["AWS/ApiGateway", "IntegrationLatency"], local.socket_metric, [{ stat = "p95" }])]
      },
      {
        title = "Turns and crises that failed"
        metrics = [for metric in ["turn_failed", "crisis_frame_failed", "handshakes_refused"] :
          ["InnerWorld", metric, "Environment", var.environment, { stat = "Sum" }]
        ]
      },
      {
        title = "Functions of a talk: calls"
        metrics = [for name in local.talk :
          ["AWS/Lambda", "Invocations", "FunctionName", "${var.name_prefix}-${name}", { stat = "Sum" }]
        ]
      },
      {
        title = "Functions of a talk: errors, throttles"
        metrics = [for pair in setproduct(["Errors", "Throttles"], local.talk) :
          ["AWS/Lambda", pair[0], "FunctionName", "${var.name_prefix}-${pair[1]}", { stat = "Sum" }]
        ]
      },
      {
        title = "Queues: oldest message"
        metrics = [for name in sort(keys(local.working_queues)) :
          ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", local.working_queues[name], { stat = "Maximum" }]
        ]
      },
      {
        title = "Queues: what failed for good"
        metrics = [for name in sort(keys(local.failed_queues)) :
          ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", local.failed_queues[name], { stat = "Maximum" }]
        ]
      },
      {
        title = "Tables of a talk: throttle events"
        metrics = [for pair in setproduct(["ReadThrottleEvents", "WriteThrottleEvents"], ["live-conversations", "sessions"]) :
          ["AWS/DynamoDB", pair[0], "TableName", var.table_names[pair[1]], { stat = "Sum" }]
        ]
      },
    ],
    [for cluster in keys(local.graph_clusters) : {
      title = "Graph: processor, requests that wait"
      metrics = [
        ["AWS/Neptune", "CPUUtilization", "DBClusterIdentifier", cluster, { stat = "Average" }],
        ["AWS/Neptune", "MainRequestQueuePendingRequests", "DBClusterIdentifier", cluster, { stat = "Maximum" }],
      ]
    }],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.name_prefix}-overview"
  dashboard_body = jsonencode({
    widgets = [for number, widget in local.widgets : {
      type   = "metric"
      x      = 8 * (number % 3)
      y      = 6 * floor(number / 3)
      width  = 8
      height = 6
      properties = {
        title   = widget.title
        metrics = widget.metrics
        period  = 300
        region  = var.aws_context.region
        view    = "timeSeries"
      }
    }]
  })
}
