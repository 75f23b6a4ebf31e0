# What the functions themselves say, in the namespace InnerWorld. Only metrics that they write stand here: an
# alarm on one that nobody writes would look like a watch and be none.

locals {
  product = { Environment = var.environment }

  product_metric_alarms = {
    crisis-frame-failed = {
      description = "A teen in a crisis could not be shown where help is. Look into the log of conversation-handler at once."
      namespace   = "InnerWorld"
      metric      = "crisis_frame_failed"
      dimensions  = local.product
      statistic   = "Sum"
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      period_s    = 60
      periods     = 1
      datapoints  = 1
    }
  }

  product_expression_alarms = {
    turn-failed = {
      description = "More than 2 % of turns end without an answer."
      comparison  = "GreaterThanThreshold"
      threshold   = 2
      period_s    = 300
      periods     = 3
      datapoints  = 2
      # In quiet hours one failure is no share: at least fifty turns are counted.
      expression = "100 * FILL(failed, 0) / IF(FILL(turns, 0) > 50, FILL(turns, 0), 50)"
      metrics = {
        failed = {
          namespace  = "InnerWorld"
          metric     = "turn_failed"
          dimensions = local.product
          statistic  = "Sum"
        }
        turns = {
          namespace  = "AWS/Lambda"
          metric     = "Invocations"
          dimensions = { FunctionName = "${var.name_prefix}-turn-worker" }
          statistic  = "Sum"
        }
      }
    }
  }
}
