variable "websocket_throttle" {
  type = object({
    rate  = number
    burst = number
  })
  description = "Requests a second, and at once, that each API takes."
  default     = { rate = 500, burst = 1000 }
  nullable    = false

  validation {
    condition     = var.websocket_throttle.rate >= 1 && var.websocket_throttle.burst >= 1
    error_message = "Rate and burst must be 1 or more: 0 would close the API."
  }
}

variable "api_domain" {
  type = object({
    domain          = string
    certificate_arn = string
  })
  description = "Own name of the HTTP API; sockets get ws. before it, so the certificate must cover both. Null for none."
  default     = null

  validation {
    condition     = var.api_domain == null ? true : can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.api_domain.domain))
    error_message = "The domain must be a host name in lower case, such as api.example.org."
  }
}

variable "export_retention_hours" {
  type        = number
  description = "Hours after which exports are deleted, rounded up to whole days: the bucket knows no hours."
  default     = 24
  nullable    = false

  validation {
    condition     = var.export_retention_hours >= 1 && var.export_retention_hours <= 168
    error_message = "Exports must be kept for 1 to 168 hours."
  }
}

variable "log_retention_days" {
  type        = number
  description = "Days that logs are kept."
  default     = 14
  nullable    = false

  validation {
    condition = contains([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
      3288, 3653,
    ], var.log_retention_days)
    error_message = "Days of logs must be one of CloudWatch's: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

variable "enable_xray_tracing" {
  type        = bool
  description = "Whether functions are traced by X-Ray."
  default     = false
  nullable    = false
}

variable "manage_apigw_account_role" {
  type        = bool
  description = "Whether the role is made that API Gateway writes logs with: there is one in an account and region."
  default     = true
  nullable    = false
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:")])
    error_message = "Keys of tags must not begin with aws:, which is the service's own."
  }
}
