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

variable "environment" {
  type        = string
  description = "Environment as the functions are told it."
  nullable    = false
}

variable "debug" {
  type        = bool
  description = "Whether the functions log more; never content."
  default     = false
  nullable    = false
}

variable "architecture" {
  type        = string
  description = "Processor of the functions: arm64 or x86_64."
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The processor must be arm64 or x86_64."
  }
}

variable "package_dir" {
  type        = string
  description = "Folder with a package `<function>.zip` for each function."
  nullable    = false
}

variable "table_names" {
  type        = map(string)
  description = "Names of the tables, by short name; `teens` and `teen-keys` are used."
  nullable    = false

  validation {
    condition     = length(setsubtract(["teens", "teen-keys"], keys(var.table_names))) == 0
    error_message = "The tables must have the names of teens and teen-keys."
  }
}

variable "encrypt_tables_with_product_key" {
  type        = bool
  description = "Whether the tables are encrypted by the product's key, so that whoever calls them needs rights on it."
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the product's key."
  nullable    = false
}

variable "kms_alias_name" {
  type        = string
  description = "Name of the product's key: `alias/innerworld-prod`."
  nullable    = false
}

variable "log_retention_days" {
  type        = number
  description = "Days that the functions' logs are kept."
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

variable "enable_xray_tracing" {
  type        = bool
  description = "Whether calls of the functions are traced with X-Ray."
  default     = false
  nullable    = false
}

variable "user_pool_arn" {
  type        = string
  description = "ARN of the pool that calls the functions."
  nullable    = false
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource, beside its purpose."
  default     = {}
  nullable    = false
}
