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
  description = "Environment as the trigger functions are told it."
  nullable    = false
}

variable "debug" {
  type        = bool
  description = "Whether the trigger functions log more; never content."
  default     = false
  nullable    = false
}

variable "tier" {
  type        = string
  description = "Feature plan of the pool, by which AWS bills each active account: LITE, ESSENTIALS or PLUS."
  default     = "LITE"
  nullable    = false

  validation {
    condition     = contains(["LITE", "ESSENTIALS", "PLUS"], var.tier)
    error_message = "The tier must be LITE, ESSENTIALS or PLUS."
  }
}

variable "password_flow" {
  type        = bool
  description = "Whether an app may send the password itself (USER_PASSWORD_AUTH) beside the flow that never does (SRP)."
  default     = false
  nullable    = false
}

variable "ses_identity_arn" {
  type        = string
  description = "Address or domain in SES that mails come from; null is Cognito's own mailer with its small daily number, for pilots only."
  default     = null

  validation {
    condition     = var.ses_identity_arn == null ? true : can(regex("^arn:[a-z-]+:ses:[a-z0-9-]+:[0-9]{12}:identity/[^ ]+$", var.ses_identity_arn))
    error_message = "The identity must be null or an ARN such as arn:aws:ses:us-east-1:123456789012:identity/example.org."
  }
}

variable "apple_signin" {
  type = object({
    team_id     = string
    key_id      = string
    client_id   = string
    private_key = string
  })
  description = "Sign in with Apple: team, key, Services ID and private key (PEM); null leaves it and the hosted sign-in pages out."
  default     = null
  sensitive   = true
}

variable "redirect_urls" {
  type        = list(string)
  description = "Addresses that an app may have the browser return to after Sign in with Apple, and after signing out."
  default     = ["com.gauntletai.innerworld://signed-in"]
  nullable    = false

  validation {
    condition = length(var.redirect_urls) > 0 && alltrue([
      for url in var.redirect_urls : can(regex("^(https://[^*# ]+|[a-z][a-z0-9-]*([.][a-z0-9-]+)+://[^*# ]*)$", url))
    ])
    error_message = "Each address must be https://..., or of an app's own scheme with a dot in it, such as org.example.app://signed-in."
  }
}

variable "deletion_protection" {
  type        = bool
  description = "Whether the pool refuses to be deleted."
  default     = true
  nullable    = false
}

variable "architecture" {
  type        = string
  description = "Processor of the trigger functions: arm64 or x86_64."
  default     = "arm64"
  nullable    = false
}

variable "package_dir" {
  type        = string
  description = "Folder with a package `<function>.zip` for each trigger function."
  nullable    = false
}

variable "table_names" {
  type        = map(string)
  description = "Names of the tables, by short name; `teens` and `teen-keys` are used."
  nullable    = false
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
  description = "Days that the logs of the trigger functions are kept."
  default     = 14
  nullable    = false
}

variable "enable_xray_tracing" {
  type        = bool
  description = "Whether calls of the trigger functions are traced with X-Ray."
  default     = false
  nullable    = false
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource, beside its purpose."
  default     = {}
  nullable    = false
}
