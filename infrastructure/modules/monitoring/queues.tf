# The queues: work that waits too long, and what failed for good.

locals {
  # Queues in which nothing may lie for long; turn-failures has no consumer.
  working_queues = { for name, queue in var.queue_names : name => queue if name != "turn-failures" }
  # Those in which nothing may lie at all.
  failed_queues = merge({ turn-failures = var.queue_names["turn-failures"] }, var.dead_letter_queue_names)

  watched_ages = {
    for name, queue in local.working_queues : name => queue if local.is_full || name == "session-ended"
  }

  queue_metric_alarms = merge(
    {
      for name, queue in local.watched_ages : "${name}-age" => {
        description = "A message waits in ${queue} for more than 15 minutes."
        namespace   = "AWS/SQS"
        metric      = "ApproximateAgeOfOldestMessage"
        dimensions  = { QueueName = queue }
        statistic   = "Maximum"
        comparison  = "GreaterThanThreshold"
        threshold   = 900
        period_s    = 300
        periods     = 1
        datapoints  = 1
      }
    },
    {
      safety-spool-not-empty = {
        description = "Safety changes wait because the tables cannot be written. Each is about a child and lies nowhere else: never delete one."
        namespace   = "AWS/SQS"
        metric      = "ApproximateNumberOfMessagesVisible"
        dimensions  = { QueueName = var.queue_names["safety-spool"] }
        statistic   = "Maximum"
        comparison  = "GreaterThanThreshold"
        threshold   = 0
        period_s    = 60
        periods     = 1
        datapoints  = 1
      }
    },
    {
      for name, queue in local.failed_queues : "${name}-not-empty" => {
        description = "What failed for good lies in ${queue}: find the cause in the log of its function, mend it, then start the redrive."
        namespace   = "AWS/SQS"
        metric      = "ApproximateNumberOfMessagesVisible"
        dimensions  = { QueueName = queue }
        statistic   = "Maximum"
        comparison  = "GreaterThanThreshold"
        threshold   = 0
        period_s    = 300
        periods     = 1
        datapoints  = 1
      } if local.is_full
    },
  )

  queue_expression_alarms = {
    for name in ["dead-letters-not-empty"] : name => {
      description = "What failed for good lies in one of the dead-letter queues or in turn-failures; innerworld doctor says in which."
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      period_s    = 300
      periods     = 1
      datapoints  = 1
      expression  = "SUM(METRICS())"
      metrics = {
        for queue, full in local.failed_queues : replace(queue, "-", "_") => {
          namespace  = "AWS/SQS"
          metric     = "ApproximateNumberOfMessagesVisible"
          dimensions = { QueueName = full }
          statistic  = "Maximum"
        }
      }
    } if !local.is_full
  }
}
