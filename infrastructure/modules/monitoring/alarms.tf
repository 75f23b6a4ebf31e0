resource "aws_cloudwatch_metric_alarm" "metric" {
  for_each = local.metric_alarms

  alarm_name          = "${var.name_prefix}-${each.key}"
  comparison_operator = each.value.comparison
  evaluation_periods  = each.value.periods

  alarm_actions       = [aws_sns_topic.this.arn]
  alarm_description   = each.value.description
  datapoints_to_alarm = each.value.datapoints
  dimensions          = each.value.dimensions
  # Of a few calls a percentile says little.
  evaluate_low_sample_count_percentiles = startswith(each.value.statistic, "p") ? "ignore" : null
  extended_statistic                    = startswith(each.value.statistic, "p") ? each.value.statistic : null
  metric_name                           = each.value.metric
  namespace                             = each.value.namespace
  ok_actions                            = [aws_sns_topic.this.arn]
  period                                = each.value.period_s
  statistic                             = startswith(each.value.statistic, "p") ? null : each.value.statistic
  tags                                  = merge(var.tags, { Purpose = "operations" })
  threshold                             = each.value.threshold
  # Most of these metrics are there only when something happens.
  treat_missing_data = "notBreaching"
}

resource "aws_cloudwatch_metric_alarm" "expression" {
  for_each = local.expression_alarms

  alarm_name          = "${var.name_prefix}-${each.key}"
  comparison_operator = each.value.comparison
  evaluation_periods  = each.value.periods

  alarm_actions       = [aws_sns_topic.this.arn]
  alarm_description   = each.value.description
  datapoints_to_alarm = each.value.datapoints
  ok_actions          = [aws_sns_topic.this.arn]
  tags                = merge(var.tags, { Purpose = "operations" })
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "watched"
    expression  = each.value.expression
    label       = each.key
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id          = metric_query.key
      return_data = false

      metric {
        metric_name = metric_query.value.metric
        namespace   = metric_query.value.namespace
        period      = each.value.period_s
        stat        = metric_query.value.statistic

        dimensions = metric_query.value.dimensions
      }
    }
  }
}

# The band is learnt by the service from two weeks of the metric; this alarm is what makes it learn.
resource "aws_cloudwatch_metric_alarm" "anomaly" {
  for_each = local.anomaly_alarms

  alarm_name          = "${var.name_prefix}-${each.key}"
  comparison_operator = "LessThanLowerOrGreaterThanUpperThreshold"
  evaluation_periods  = each.value.periods

  alarm_actions       = [aws_sns_topic.this.arn]
  alarm_description   = each.value.description
  datapoints_to_alarm = each.value.datapoints
  ok_actions          = [aws_sns_topic.this.arn]
  tags                = merge(var.tags, { Purpose = "operations" })
  threshold_metric_id = "band"
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "band"
    expression  = "ANOMALY_DETECTION_BAND(usual, ${each.value.width})"
    label       = "usual"
    return_data = true
  }

  metric_query {
    id          = "usual"
    return_data = true

    metric {
      metric_name = each.value.metric
      namespace   = each.value.namespace
      period      = each.value.period_s
      stat        = each.value.statistic

      dimensions = each.value.dimensions
    }
  }
}
