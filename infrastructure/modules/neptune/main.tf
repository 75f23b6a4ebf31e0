locals {
  tags = merge(var.tags, { Purpose = "graph" })

  cluster_identifier = "${var.name_prefix}-neptune-cluster"
  family             = "neptune${join(".", slice(split(".", var.engine_version), 0, 2))}"
  is_serverless      = var.instance_class == "db.serverless"
  instances          = { for number in range(1, var.instance_count + 1) : tostring(number) => number }

  # The service derives this name from the cluster's. Made here, it has the key and the retention that we want.
  audit_log_group = "/aws/neptune/${local.cluster_identifier}/audit"
}

resource "aws_cloudwatch_log_group" "audit" {
  # checkov:skip=CKV_AWS_338:privacy: who asked the graph what is kept for weeks, not for a year
  for_each = toset(var.audit_logs ? ["this"] : [])

  name              = local.audit_log_group
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
  tags              = local.tags
}

resource "aws_neptune_subnet_group" "this" {
  name        = "${var.name_prefix}-neptune"
  description = "Subnets of the graph"
  subnet_ids  = var.subnet_ids
  tags        = local.tags
}

resource "aws_neptune_cluster_parameter_group" "this" {
  family      = local.family
  name        = "${var.name_prefix}-neptune-cluster-${replace(local.family, ".", "-")}"
  description = "Audit log and time limit of the graph"
  tags        = local.tags

  # Static: a change takes effect when the instances have been restarted.
  parameter {
    name         = "neptune_enable_audit_log"
    value        = var.audit_logs ? "1" : "0"
    apply_method = "pending-reboot"
  }

  parameter {
    name         = "neptune_query_timeout"
    value        = tostring(var.query_timeout_ms)
    apply_method = "pending-reboot"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_neptune_parameter_group" "this" {
  family      = local.family
  name        = "${var.name_prefix}-neptune-${replace(local.family, ".", "-")}"
  description = "Time limit of the graph"
  tags        = local.tags

  parameter {
    name         = "neptune_query_timeout"
    value        = tostring(var.query_timeout_ms)
    apply_method = "pending-reboot"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_neptune_cluster" "this" {
  cluster_identifier                   = local.cluster_identifier
  allow_major_version_upgrade          = false
  apply_immediately                    = true # A new size is asked for by somebody who waits for it.
  backup_retention_period              = var.backup_retention_days
  copy_tags_to_snapshot                = true
  deletion_protection                  = var.deletion_protection
  enable_cloudwatch_logs_exports       = var.audit_logs ? ["audit"] : []
  engine                               = "neptune"
  engine_version                       = var.engine_version
  final_snapshot_identifier            = "${var.name_prefix}-neptune-final"
  iam_database_authentication_enabled  = true
  kms_key_arn                          = var.kms_key_arn
  neptune_cluster_parameter_group_name = aws_neptune_cluster_parameter_group.this.name
  neptune_subnet_group_name            = aws_neptune_subnet_group.this.name
  port                                 = 8182
  preferred_backup_window              = "07:00-08:00"
  preferred_maintenance_window         = "mon:08:30-mon:09:30"
  skip_final_snapshot                  = false
  storage_encrypted                    = true
  vpc_security_group_ids               = [var.security_group_id]
  tags                                 = local.tags

  dynamic "serverless_v2_scaling_configuration" {
    for_each = toset(local.is_serverless ? ["this"] : [])

    content {
      max_capacity = var.serverless_max_ncu
      min_capacity = var.serverless_min_ncu
    }
  }

  lifecycle {
    # Maintenance raises the version; Terraform must not ask for the old one back.
    ignore_changes = [engine_version]

    precondition {
      condition     = var.serverless_min_ncu <= var.serverless_max_ncu
      error_message = "neptune_serverless_min_ncu must not be above neptune_serverless_max_ncu."
    }
  }

  # Otherwise the service makes the log group first, without key and retention.
  depends_on = [aws_cloudwatch_log_group.audit]
}

resource "aws_neptune_cluster_instance" "this" {
  for_each = local.instances

  cluster_identifier           = aws_neptune_cluster.this.cluster_identifier
  instance_class               = var.instance_class
  apply_immediately            = true
  auto_minor_version_upgrade   = true
  engine                       = "neptune"
  identifier                   = "${var.name_prefix}-neptune-${each.key}"
  neptune_parameter_group_name = aws_neptune_parameter_group.this.name
  promotion_tier               = min(each.value - 1, 15)
  publicly_accessible          = false
  tags                         = local.tags
}
