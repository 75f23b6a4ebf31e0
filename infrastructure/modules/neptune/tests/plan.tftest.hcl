mock_provider "aws" {}

variables {
  name_prefix       = "innerworld-prod"
  subnet_ids        = ["subnet-1", "subnet-2"]
  security_group_id = "sg-neptune"
  kms_key_arn       = "arn:aws:kms:us-east-1:123456789012:key/product"
}

run "by_default_one_serverless_writer" {
  command = plan

  assert {
    condition     = aws_neptune_cluster.this.cluster_identifier == "innerworld-prod-neptune-cluster"
    error_message = "The cluster must have the name that the documented commands use."
  }

  assert {
    condition     = output.cluster_identifier == "innerworld-prod-neptune-cluster" && output.port == 8182
    error_message = "The cluster's name and port must be told."
  }

  assert {
    condition     = [for instance in aws_neptune_cluster_instance.this : instance.instance_class] == ["db.serverless"]
    error_message = "By default there must be one serverless instance."
  }

  assert {
    condition     = aws_neptune_cluster_instance.this["1"].cluster_identifier == "innerworld-prod-neptune-cluster"
    error_message = "The instance must belong to the cluster."
  }

  assert {
    condition = (
      one(aws_neptune_cluster.this.serverless_v2_scaling_configuration).min_capacity == 1 &&
      one(aws_neptune_cluster.this.serverless_v2_scaling_configuration).max_capacity == 4
    )
    error_message = "By default capacity must be 1 to 4 NCU."
  }

  assert {
    condition     = aws_neptune_cluster.this.port == 8182 && aws_neptune_cluster.this.engine == "neptune"
    error_message = "The cluster must be Neptune at its port."
  }
}

run "the_graph_is_closed_encrypted_and_protected" {
  command = plan

  assert {
    condition     = aws_neptune_cluster.this.iam_database_authentication_enabled
    error_message = "Every request must be signed: there is no password."
  }

  assert {
    condition = aws_neptune_cluster.this.storage_encrypted && (
      aws_neptune_cluster.this.kms_key_arn == "arn:aws:kms:us-east-1:123456789012:key/product"
    )
    error_message = "The graph must be encrypted by the product's key."
  }

  assert {
    condition     = alltrue([for instance in aws_neptune_cluster_instance.this : instance.publicly_accessible == false])
    error_message = "No instance may have a public address."
  }

  assert {
    condition     = aws_neptune_cluster.this.vpc_security_group_ids == toset(["sg-neptune"])
    error_message = "The graph must have the security group that only its functions pass."
  }

  assert {
    condition     = aws_neptune_subnet_group.this.subnet_ids == toset(["subnet-1", "subnet-2"])
    error_message = "The graph must lie in the database subnets."
  }

  assert {
    condition     = aws_neptune_cluster.this.deletion_protection
    error_message = "The graph must refuse to be deleted."
  }

  assert {
    condition = aws_neptune_cluster.this.skip_final_snapshot == false && (
      aws_neptune_cluster.this.final_snapshot_identifier == "innerworld-prod-neptune-final"
    )
    error_message = "A graph that is deleted must leave a snapshot with a name."
  }

  assert {
    condition     = aws_neptune_cluster.this.backup_retention_period == 7 && aws_neptune_cluster.this.copy_tags_to_snapshot
    error_message = "Backups must be kept for seven days, with their tags."
  }
}

run "queries_are_logged_and_limited" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_group.audit["this"].name == "/aws/neptune/innerworld-prod-neptune-cluster/audit"
    error_message = "The log group must be the one that the service writes to."
  }

  assert {
    condition = aws_cloudwatch_log_group.audit["this"].kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/product" && (
      aws_cloudwatch_log_group.audit["this"].retention_in_days == 14
    )
    error_message = "The audit log must be encrypted by the product's key and kept for the days asked for."
  }

  assert {
    condition     = aws_neptune_cluster.this.enable_cloudwatch_logs_exports == toset(["audit"])
    error_message = "Only the audit log may be exported: that of slow queries would hold texts of queries."
  }

  assert {
    condition = { for parameter in aws_neptune_cluster_parameter_group.this.parameter : parameter.name => parameter.value } == {
      neptune_enable_audit_log = "1"
      neptune_query_timeout    = "10000"
    }
    error_message = "The cluster must log queries and end them after ten seconds."
  }

  assert {
    condition     = aws_neptune_cluster_parameter_group.this.family == "neptune1.4" && aws_neptune_parameter_group.this.family == "neptune1.4"
    error_message = "The parameter groups must be those of the engine's version."
  }

  assert {
    condition = one(aws_neptune_parameter_group.this.parameter).name == "neptune_query_timeout" && (
      one(aws_neptune_parameter_group.this.parameter).value == "10000"
    )
    error_message = "The instances must end queries after ten seconds too."
  }

  assert {
    condition = alltrue([
      for tags in concat(
        [aws_neptune_cluster.this.tags, aws_neptune_subnet_group.this.tags, aws_neptune_parameter_group.this.tags],
        [aws_neptune_cluster_parameter_group.this.tags, aws_cloudwatch_log_group.audit["this"].tags],
        [for instance in aws_neptune_cluster_instance.this : instance.tags]
      ) : tags.Purpose == "graph"
    ])
    error_message = "Everything of the graph must be tagged with its purpose."
  }
}

run "instances_of_a_fixed_size_have_no_scaling" {
  command = plan

  variables {
    instance_class = "db.r5.large"
    instance_count = 2
  }

  assert {
    condition     = length(aws_neptune_cluster.this.serverless_v2_scaling_configuration) == 0
    error_message = "Capacity must be configured for serverless instances only."
  }

  assert {
    condition     = [for instance in aws_neptune_cluster_instance.this : instance.identifier] == ["innerworld-prod-neptune-1", "innerworld-prod-neptune-2"]
    error_message = "A writer and a reader must have the numbers 1 and 2."
  }

  assert {
    condition     = [for instance in aws_neptune_cluster_instance.this : instance.promotion_tier] == [0, 1]
    error_message = "The first instance must be the first to be promoted."
  }

  assert {
    condition     = output.instance_identifiers == ["innerworld-prod-neptune-1", "innerworld-prod-neptune-2"]
    error_message = "The instances' names must be told, for their alarms."
  }
}

run "the_commands_for_more_of_it_work" {
  command = plan

  variables {
    instance_class = "db.r5.xlarge"
    instance_count = 3
  }

  assert {
    condition     = length(aws_neptune_cluster_instance.this) == 3
    error_message = "A third instance must be a second reader."
  }

  assert {
    condition     = alltrue([for instance in aws_neptune_cluster_instance.this : instance.instance_class == "db.r5.xlarge"])
    error_message = "All instances must have the class asked for."
  }
}

run "a_log_that_is_off_leaves_nothing_behind" {
  command = plan

  variables {
    audit_logs = false
  }

  assert {
    condition     = length(aws_cloudwatch_log_group.audit) == 0 && length(aws_neptune_cluster.this.enable_cloudwatch_logs_exports) == 0
    error_message = "Without audit log there must be no log group and no export."
  }

  assert {
    condition = {
      for parameter in aws_neptune_cluster_parameter_group.this.parameter : parameter.name => parameter.value
    }["neptune_enable_audit_log"] == "0"
    error_message = "Without audit log the engine must write none."
  }
}
