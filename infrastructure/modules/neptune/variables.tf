variable "name_prefix" {
  type        = string
  description = "Product and environment, with which every name begins: `innerworld-prod`."
  nullable    = false
}

variable "subnet_ids" {
  type        = list(string)
  description = "Subnets of the graph, in two zones or more."
  nullable    = false
}

variable "security_group_id" {
  type        = string
  description = "Security group of the graph."
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the graph and its log."
  nullable    = false
}

variable "engine_version" {
  type        = string
  description = "Version of the engine that a new cluster starts with; maintenance raises it later."
  default     = "1.4.5.1"
  nullable    = false

  validation {
    condition     = can(regex("^1[.][2-9]([.][0-9]+){2}$", var.engine_version))
    error_message = "The engine's version must have four numbers and be 1.2 or later, such as 1.4.5.1."
  }
}

variable "instance_class" {
  type        = string
  description = "Class of the instances: `db.serverless`, or one of a fixed size such as `db.r5.large`."
  default     = "db.serverless"
  nullable    = false

  validation {
    condition     = can(regex("^db[.](serverless|(t3|t4g|r[5-8][a-z]*|x2[a-z]+)[.](medium|large|[0-9]*xlarge))$", var.instance_class))
    error_message = "The class must be db.serverless or db.<family>.<size> with a family of t3, t4g, r5 to r8 or x2, such as db.r5.large."
  }
}

variable "instance_count" {
  type        = number
  description = "Number of instances: a writer, and readers beside it."
  default     = 1
  nullable    = false

  validation {
    condition     = var.instance_count >= 1 && var.instance_count <= 16 && floor(var.instance_count) == var.instance_count
    error_message = "The number of instances must be a whole number from 1 to 16."
  }
}

variable "serverless_min_ncu" {
  type        = number
  description = "Capacity of a serverless instance when idle, in NCU; 1 costs about $117 a month."
  default     = 1
  nullable    = false

  validation {
    condition = (
      var.serverless_min_ncu >= 1 && var.serverless_min_ncu <= 128 &&
      floor(var.serverless_min_ncu * 2) == var.serverless_min_ncu * 2
    )
    error_message = "The least capacity must be 1 to 128 NCU in steps of 0.5."
  }
}

variable "serverless_max_ncu" {
  type        = number
  description = "Capacity that a serverless instance may grow to, in NCU."
  default     = 4
  nullable    = false

  validation {
    condition = (
      var.serverless_max_ncu >= 1 && var.serverless_max_ncu <= 128 &&
      floor(var.serverless_max_ncu * 2) == var.serverless_max_ncu * 2
    )
    error_message = "The greatest capacity must be 1 to 128 NCU in steps of 0.5."
  }
}

variable "backup_retention_days" {
  type        = number
  description = "Days that backups are kept, 1 to 35."
  default     = 7
  nullable    = false

  validation {
    condition = (
      var.backup_retention_days >= 1 && var.backup_retention_days <= 35 &&
      floor(var.backup_retention_days) == var.backup_retention_days
    )
    error_message = "Backups must be kept for a whole number of days from 1 to 35: Neptune keeps none longer, so 90 cannot be had."
  }
}

variable "deletion_protection" {
  type        = bool
  description = "Whether the cluster refuses to be deleted."
  default     = true
  nullable    = false
}

variable "audit_logs" {
  type        = bool
  description = "Whether every query is logged. Queries carry no words of teens: those are parameters, and sealed."
  default     = true
  nullable    = false
}

variable "query_timeout_ms" {
  type        = number
  description = "Milliseconds after which a query is ended."
  default     = 10000
  nullable    = false

  validation {
    condition = (
      var.query_timeout_ms >= 1000 && var.query_timeout_ms <= 120000 && floor(var.query_timeout_ms) == var.query_timeout_ms
    )
    error_message = "The time limit of a query must be a whole number from 1,000 to 120,000 milliseconds."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days that the audit log is kept."
  default     = 14
  nullable    = false

  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days
    )
    error_message = "The retention must be a number of days that CloudWatch knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource, beside its purpose."
  default     = {}
  nullable    = false
}
