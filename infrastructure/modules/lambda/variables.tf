variable "name_prefix" {
  type        = string
  description = "What every name begins with, such as innerworld-prod."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name_prefix))
    error_message = "The name prefix must be 3 to 32 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "aws_context" {
  type = object({
    partition  = string
    region     = string
    account_id = string
  })
  description = "Partition, region and account that ARNs and addresses are built from."
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.aws_context.account_id))
    error_message = "The account id must be 12 digits."
  }
}

variable "environment" {
  type        = string
  description = "The deployment: the stage of the WebSocket API and a dimension of every metric of ours."
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "The environment must be dev, staging or prod."
  }
}

variable "debug" {
  type        = bool
  description = "Whether functions log more; never content."
  default     = false
  nullable    = false
}

variable "architecture" {
  type        = string
  description = "Processor that the packages were built for."
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture must be arm64 or x86_64."
  }
}

variable "package_dir" {
  type        = string
  description = "Folder with one package a function, <function>.zip, as cargo xtask package-lambda writes it."
  nullable    = false
}

variable "function_overrides" {
  type = map(object({
    memory_mb               = optional(number)
    timeout_s               = optional(number)
    reserved_concurrency    = optional(number)
    provisioned_concurrency = optional(number)
  }))
  description = "Other memory (MB), time (s) and concurrency of functions, by their names without the prefix."
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([for name in keys(var.function_overrides) : contains([
      "authorizer", "connect-handler", "disconnect-handler", "conversation-handler", "turn-worker",
      "session-processor", "session-sweeper", "account-api", "privacy-worker", "health-check",
      "graph-writer", "graph-reader",
    ], name)])
    error_message = "Overrides must be named after functions: authorizer, connect-handler, disconnect-handler, conversation-handler, turn-worker, session-processor, session-sweeper, account-api, privacy-worker, health-check, graph-writer or graph-reader."
  }

  validation {
    condition = alltrue([for override in values(var.function_overrides) :
      override.memory_mb == null ? true : override.memory_mb >= 128 && override.memory_mb <= 10240
    ])
    error_message = "Memory of a function must be 128 to 10240 MB."
  }

  validation {
    condition = alltrue([for override in values(var.function_overrides) :
      override.timeout_s == null ? true : override.timeout_s >= 1 && override.timeout_s <= 900
    ])
    error_message = "Time of a function must be 1 to 900 s."
  }

  validation {
    condition = alltrue([for override in values(var.function_overrides) :
      override.reserved_concurrency == null ? true : override.reserved_concurrency >= 1
    ])
    error_message = "Reserved concurrency must be 1 or more: 0 would stop the function."
  }

  validation {
    condition = alltrue([for override in values(var.function_overrides) :
      override.provisioned_concurrency == null ? true : override.provisioned_concurrency >= 1
    ])
    error_message = "Provisioned concurrency must be 1 or more; leave it out for none."
  }
}

variable "lambda_in_vpc" {
  type        = bool
  description = "Whether every function runs inside the VPC; those of the graph always do."
  default     = false
  nullable    = false
}

variable "vpc" {
  type = object({
    subnet_ids                 = list(string)
    lambda_security_group_id   = string
    internet_security_group_id = optional(string)
  })
  description = "Private subnets, the security group of the graph's functions, and that of all others if it is another one; null where there is no VPC."
  default     = null
}

variable "table_names" {
  type        = map(string)
  description = "Names of the tables by their short names."
  nullable    = false

  validation {
    condition = length(setsubtract([
      "live-conversations", "websocket-connections", "session-context", "sessions", "teens",
      "memory", "teen-keys", "counters",
    ], keys(var.table_names))) == 0
    error_message = "Tables must have live-conversations, websocket-connections, session-context, sessions, teens, memory, teen-keys and counters."
  }
}

variable "encrypt_tables_with_product_key" {
  type        = bool
  description = "Whether tables and queues are encrypted by the product's key, so that every role needs rights on it."
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the product's KMS key."
  nullable    = false
}

variable "kms_alias_name" {
  type        = string
  description = "Alias of the product's KMS key, as in alias/innerworld-prod: functions know the key by it."
  nullable    = false

  validation {
    condition     = startswith(var.kms_alias_name, "alias/")
    error_message = "The alias must begin with alias/."
  }
}

variable "model_secret_id" {
  type        = string
  description = "Name of the secret of the model provider."
  nullable    = false
}

variable "model_secret_arn_pattern" {
  type        = string
  description = "ARN of the secret of the model provider, with ?????? for what the service appends to it."
  nullable    = false
}

variable "apple_secret_id" {
  type        = string
  description = "Name of the secret of Sign in with Apple."
  nullable    = false
}

variable "apple_secret_arn_pattern" {
  type        = string
  description = "ARN of the secret of Sign in with Apple, with ?????? for what the service appends to it."
  nullable    = false
}
