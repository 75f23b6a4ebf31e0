variable "graph_backend" {
  type        = string
  description = "Where graphs are kept: in the tables (`dynamodb`), or in a database of their own (`neptune`), from about $117 a month."
  default     = "dynamodb"
  nullable    = false

  validation {
    condition     = contains(["neptune", "dynamodb"], var.graph_backend)
    error_message = "The graph backend must be neptune or dynamodb."
  }
}

variable "neptune_instance_class" {
  type        = string
  description = "Class of the graph's instances: `db.serverless`, or one of a fixed size such as `db.r5.large`."
  default     = "db.serverless"
  nullable    = false
}

variable "neptune_instance_count" {
  type        = number
  description = "Number of instances: a writer, and readers beside it."
  default     = 1
  nullable    = false
}

variable "neptune_serverless_min_ncu" {
  type        = number
  description = "Capacity of a serverless instance when idle, in NCU; not above the greatest."
  default     = 1
  nullable    = false
}

variable "neptune_serverless_max_ncu" {
  type        = number
  description = "Capacity that a serverless instance may grow to, in NCU."
  default     = 4
  nullable    = false
}

variable "neptune_backup_retention_days" {
  type        = number
  description = "Days that backups of the graph are kept, 1 to 35: Neptune keeps none longer."
  default     = 7
  nullable    = false
}

variable "neptune_deletion_protection" {
  type        = bool
  description = "Whether the graph refuses to be deleted."
  default     = true
  nullable    = false
}

variable "neptune_audit_logs" {
  type        = bool
  description = "Whether every query of the graph is logged; queries carry no words of teens."
  default     = true
  nullable    = false
}

variable "neptune_query_timeout_ms" {
  type        = number
  description = "Milliseconds after which a query of the graph is ended."
  default     = 10000
  nullable    = false
}

variable "dynamodb_billing_mode" {
  type        = string
  description = "PAY_PER_REQUEST, or PROVISIONED with automatic scaling."
  default     = "PAY_PER_REQUEST"
  nullable    = false
}

variable "dynamodb_provisioned" {
  type = object({
    read_min       = optional(number, 5)
    read_max       = optional(number, 500)
    write_min      = optional(number, 5)
    write_max      = optional(number, 500)
    target_percent = optional(number, 70)
  })
  description = "Capacity units a second of each table and index with PROVISIONED, and the used share, in percent, that scaling aims at."
  default     = {}
  nullable    = false
}

variable "enable_dynamodb_streams" {
  type        = bool
  description = "Whether each table has a stream of the keys that changed."
  default     = false
  nullable    = false
}

variable "encrypt_tables_with_product_key" {
  type        = bool
  description = "Whether tables and queues are encrypted by the product's key; what is personal in them is sealed anyway."
  default     = false
  nullable    = false
}

variable "key_recovery_days" {
  type        = number
  description = "Days within which deleted keys of teens can be restored from a backup: until then an erasure is not final."
  default     = 7
  nullable    = false
}

variable "replica_regions" {
  type        = set(string)
  description = "Other regions with a copy of every table."
  default     = []
  nullable    = false
}

variable "evidence_days" {
  type        = number
  description = "Days that evidence is kept, 1 to 365."
  default     = 30
  nullable    = false
}

variable "graph_days" {
  type        = number
  description = "Days that the graph keeps what nobody speaks of, 1 to 365."
  default     = 30
  nullable    = false
}

variable "accept_unreviewed_protocol" {
  type        = bool
  description = "Lets teens talk though no clinician reviewed the safety protocol; false lets nobody talk in prod until one did."
  default     = false
  nullable    = false
}

variable "memory_mode_max" {
  type        = string
  description = "Most that is remembered of anybody: full, facts_only or off; teens choose below it."
  default     = "full"
  nullable    = false
}

variable "export_retention_hours" {
  type        = number
  description = "Hours after which an export is deleted, 1 to 168."
  default     = 24
  nullable    = false
}
