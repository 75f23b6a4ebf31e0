# The functions. Errors are answers that a function could not give; what waits in a queue comes again.

locals {
  # Those that must not fail or be held back unseen.
  watched_errors    = local.is_full ? keys(var.functions) : ["conversation-handler", "turn-worker", "session-processor"]
  watched_throttles = local.is_full ? keys(var.functions) : ["turn-worker"]
  watched_durations = local.is_full ? var.functions : {}

  function_alarms = merge(
    {
      for name in local.watched_errors : "${name}-errors" => {
        description = "${name} fails: look into its log."
        namespace   = "AWS/Lambda"
        metric      = "Errors"
        dimensions  = { FunctionName = "${var.name_prefix}-${name}" }
        statistic   = "Sum"
        comparison  = "GreaterThanThreshold"
        threshold   = 0
        period_s    = 300
        periods     = 3
        datapoints  = 2
      }
    },
    {
      for name in local.watched_throttles : "${name}-throttles" => {
        description = "${name} is held back: too many run at once, of it or in the account."
        namespace   = "AWS/Lambda"
        metric      = "Throttles"
        dimensions  = { FunctionName = "${var.name_prefix}-${name}" }
        statistic   = "Sum"
        comparison  = "GreaterThanThreshold"
        threshold   = 0
        period_s    = 300
        periods     = 3
        datapoints  = 2
      }
    },
    {
      for name, timeout_s in local.watched_durations : "${name}-duration" => {
        description = "Of twenty calls of ${name} one takes more than 80 % of the time after which it is ended."
        namespace   = "AWS/Lambda"
        metric      = "Duration"
        dimensions  = { FunctionName = "${var.name_prefix}-${name}" }
        statistic   = "p95"
        comparison  = "GreaterThanThreshold"
        threshold   = timeout_s * 1000 * 80 / 100
        period_s    = 300
        periods     = 3
        datapoints  = 2
      }
    },
  )
}
