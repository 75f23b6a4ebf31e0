# The graph database. Its metrics are there only when they are not zero, and come every five minutes: no
# shorter period says more (doc "Neptune CloudWatch metrics").

locals {
  graph_instances = var.neptune == null ? toset([]) : toset(var.neptune.instance_identifiers)
  graph_clusters  = var.neptune == null ? {} : { (var.neptune.cluster_identifier) = var.neptune }

  neptune_alarms = merge(
    {
      for instance in local.graph_instances : "${trimprefix(instance, "${var.name_prefix}-")}-cpu" => {
        description = "The processor of ${instance} is busy more than 80 %."
        namespace   = "AWS/Neptune"
        metric      = "CPUUtilization"
        dimensions  = { DBInstanceIdentifier = instance }
        statistic   = "Average"
        comparison  = "GreaterThanThreshold"
        threshold   = 80
        period_s    = 300
        periods     = 3
        datapoints  = 2
      }
    },
    {
      for instance in local.graph_instances : "${trimprefix(instance, "${var.name_prefix}-")}-memory" => {
        description = "${instance} has less than 256 MiB of memory left."
        namespace   = "AWS/Neptune"
        metric      = "FreeableMemory"
        dimensions  = { DBInstanceIdentifier = instance }
        statistic   = "Minimum"
        comparison  = "LessThanThreshold"
        threshold   = 268435456
        period_s    = 300
        periods     = 3
        datapoints  = 2
      }
    },
    {
      # There is no count of open connections over HTTPS; what waits says that there are too many.
      for cluster, graph in local.graph_clusters : "neptune-pending" => {
        description = "More than 50 requests wait before ${cluster}."
        namespace   = "AWS/Neptune"
        metric      = "MainRequestQueuePendingRequests"
        dimensions  = { DBClusterIdentifier = cluster }
        statistic   = "Maximum"
        comparison  = "GreaterThanThreshold"
        threshold   = 50
        period_s    = 300
        periods     = 3
        datapoints  = 2
      }
    },
    {
      # The writer has no lag and no such metric.
      for instance in local.graph_instances : "${trimprefix(instance, "${var.name_prefix}-")}-lag" => {
        description = "${instance} is more than 1 s behind the writer."
        namespace   = "AWS/Neptune"
        metric      = "ClusterReplicaLag"
        dimensions  = { DBInstanceIdentifier = instance }
        statistic   = "Maximum"
        comparison  = "GreaterThanThreshold"
        threshold   = 1000
        period_s    = 300
        periods     = 3
        datapoints  = 2
      } if local.is_full && length(local.graph_instances) > 1
    },
    {
      for cluster, graph in local.graph_clusters : "neptune-capacity" => {
        description = "${cluster} has been as large as it may grow for half an hour."
        namespace   = "AWS/Neptune"
        metric      = "ServerlessDatabaseCapacity"
        dimensions  = { DBClusterIdentifier = cluster }
        statistic   = "Minimum"
        comparison  = "GreaterThanOrEqualToThreshold"
        threshold   = graph.serverless_max_ncu
        period_s    = 300
        periods     = 6
        datapoints  = 6
      } if local.is_full && graph.serverless_max_ncu != null
    },
  )
}
