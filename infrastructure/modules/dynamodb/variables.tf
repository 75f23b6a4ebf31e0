variable "name_prefix" {
  type        = string
  description = "Product and environment, with which every name begins: `innerworld-prod`."
  nullable    = false
}

variable "aws_context" {
  type = object({
    partition  = string
    region     = string
    account_id = string
  })
  description = "Partition, region and account, from which ARNs are built."
  nullable    = false
}

variable "billing_mode" {
  type        = string
  description = "PAY_PER_REQUEST, or PROVISIONED with automatic scaling."
  default     = "PAY_PER_REQUEST"
  nullable    = false

  validation {
    condition     = contains(["PAY_PER_REQUEST", "PROVISIONED"], var.billing_mode)
    error_message = "The billing mode must be PAY_PER_REQUEST or PROVISIONED."
  }
}

variable "provisioned" {
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

  validation {
    condition = (
      var.provisioned.read_min >= 1 && var.provisioned.read_min <= var.provisioned.read_max &&
      var.provisioned.write_min >= 1 && var.provisioned.write_min <= var.provisioned.write_max
    )
    error_message = "Each minimum of capacity must be 1 or more and not above its maximum."
  }

  validation {
    condition     = var.provisioned.target_percent >= 20 && var.provisioned.target_percent <= 90
    error_message = "The share that scaling aims at must be 20 to 90 percent."
  }
}

variable "enable_streams" {
  type        = bool
  description = "Whether each table has a stream of the keys that changed."
  default     = false
  nullable    = false
}

variable "encrypt_with_kms_key" {
  type        = bool
  description = "Whether the tables are encrypted by `kms_key_arn` and not by the service's own key; then every caller needs rights on it."
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = "Key of the tables with `encrypt_with_kms_key`; else null."
  default     = null
}

variable "key_recovery_days" {
  type        = number
  description = "Days within which deleted keys of teens can be restored from a backup: until then an erasure is not final."
  default     = 7
  nullable    = false

  validation {
    condition     = var.key_recovery_days >= 1 && var.key_recovery_days <= 35 && floor(var.key_recovery_days) == var.key_recovery_days
    error_message = "The days of recovery must be a whole number from 1 to 35."
  }
}

variable "deletion_protection" {
  type        = bool
  description = "Whether a table refuses to be deleted."
  default     = true
  nullable    = false
}

variable "replica_regions" {
  type        = set(string)
  description = "Other regions with a copy of every table; none by default."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for region in var.replica_regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region))])
    error_message = "Each region of a copy must look like us-east-1 or eu-central-1."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource, beside its purpose."
  default     = {}
  nullable    = false
}
