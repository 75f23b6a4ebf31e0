# The sockets. API Gateway has no 4XX or 5XX metric for them and no gauge of open ones; these are what it has
# (doc "Monitor WebSocket API execution with CloudWatch metrics").

locals {
  socket = { ApiId = var.websocket_api_id, Stage = var.websocket_stage_name }

  websocket_expression_alarms = {
    websocket-errors = {
      description = "More than 1 % of what comes to the sockets fails: at the door, in the gateway, or in a function."
      comparison  = "GreaterThanThreshold"
      threshold   = 1
      period_s    = 300
      periods     = 3
      datapoints  = 2
      # In quiet hours one failure is no share: at least a hundred messages are counted. So it can speak also
      # when nobody gets in and there are no messages at all.
      expression = "100 * (FILL(integration, 0) + FILL(execution, 0) + FILL(client, 0)) / IF(FILL(messages, 0) > 100, FILL(messages, 0), 100)"
      metrics = {
        for id, metric in {
          integration = "IntegrationError"
          execution   = "ExecutionError"
          client      = "ClientError"
          messages    = "MessageCount"
        } : id => { namespace = "AWS/ApiGateway", metric = metric, dimensions = local.socket, statistic = "Sum" }
      }
    }
  }

  websocket_metric_alarms = {
    websocket-latency = {
      description = "Of twenty messages one waits longer than 5 s until its function has answered."
      namespace   = "AWS/ApiGateway"
      metric      = "IntegrationLatency"
      dimensions  = local.socket
      statistic   = "p95"
      comparison  = "GreaterThanThreshold"
      threshold   = 5000
      period_s    = 300
      periods     = 3
      datapoints  = 2
    }
  }

  websocket_connects = {
    description = "Far more or fewer sockets are opened than at this time of other days."
    namespace   = "AWS/ApiGateway"
    metric      = "ConnectCount"
    dimensions  = local.socket
    statistic   = "Sum"
    width       = 2
    period_s    = 300
    periods     = 3
    datapoints  = 3
  }
}
