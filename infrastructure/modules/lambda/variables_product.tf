variable "user_pool_id" {
  type        = string
  description = "Id of the user pool."
  nullable    = false
}

variable "user_pool_arn" {
  type        = string
  description = "ARN of the user pool."
  nullable    = false
}

variable "user_pool_client_id" {
  type        = string
  description = "Id of the pool's app client: the audience of the HTTP API's authoriser."
  nullable    = false
}

variable "issuer" {
  type        = string
  description = "Issuer of the pool's tokens, an https address."
  nullable    = false

  validation {
    condition     = startswith(var.issuer, "https://")
    error_message = "The issuer must be an https address."
  }
}

variable "graph_backend" {
  type        = string
  description = "Where graphs are kept."
  default     = "dynamodb"
  nullable    = false

  validation {
    condition     = contains(["neptune", "dynamodb"], var.graph_backend)
    error_message = "The graph backend must be neptune or dynamodb."
  }
}

variable "neptune" {
  type = object({
    endpoint            = string
    reader_endpoint     = string
    port                = number
    cluster_resource_id = string
  })
  description = "The graph database; null where graphs are kept in tables."
  default     = null
}

variable "evidence_days" {
  type        = number
  description = "Days that evidence is kept."
  default     = 30
  nullable    = false

  validation {
    condition     = var.evidence_days >= 1 && var.evidence_days <= 365 && floor(var.evidence_days) == var.evidence_days
    error_message = "Evidence must be kept for a whole number of days, 1 to 365."
  }
}

variable "graph_days" {
  type        = number
  description = "Days that the graph keeps what nobody speaks of."
  default     = 30
  nullable    = false

  validation {
    condition     = var.graph_days >= 1 && var.graph_days <= 365 && floor(var.graph_days) == var.graph_days
    error_message = "The graph must keep what nobody speaks of for a whole number of days, 1 to 365."
  }
}

variable "accept_unreviewed_protocol" {
  type        = bool
  description = "Lets teens talk though no clinician reviewed the safety protocol; false lets nobody talk in prod until one did."
  default     = false
  nullable    = false
}

variable "memory_mode_max" {
  type        = string
  description = "Most that is remembered of anybody; teens choose below it."
  default     = "full"
  nullable    = false

  validation {
    condition     = contains(["full", "facts_only", "off"], var.memory_mode_max)
    error_message = "The memory mode must be full, facts_only or off."
  }
}

variable "delta_flush_ms" {
  type        = number
  description = "Milliseconds between two posts of an answer."
  default     = 200
  nullable    = false

  validation {
    condition     = var.delta_flush_ms >= 100 && var.delta_flush_ms <= 500 && floor(var.delta_flush_ms) == var.delta_flush_ms
    error_message = "Posts of an answer must be a whole number of milliseconds apart, 100 to 500."
  }
}

variable "checkpoint_ms" {
  type        = number
  description = "Milliseconds after which an answer that is being made is stored."
  default     = 2000
  nullable    = false

  validation {
    condition     = var.checkpoint_ms >= 500 && var.checkpoint_ms <= 10000 && floor(var.checkpoint_ms) == var.checkpoint_ms
    error_message = "Answers must be stored after a whole number of milliseconds, 500 to 10000."
  }
}

variable "model_primary" {
  type        = string
  description = "The model that answers, unless the secret names one."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]+/[a-z0-9.:-]+$", var.model_primary))
    error_message = "The primary model must be written provider/model, in lower case."
  }
}

variable "model_fallback" {
  type        = string
  description = "The model that answers when the first fails, unless the secret names one."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]+/[a-z0-9.:-]+$", var.model_fallback))
    error_message = "The fallback model must be written provider/model, in lower case."
  }
}

variable "apple_client_ids" {
  type        = list(string)
  description = "Names by which Apple's notifications may call the app; empty where nobody signs in with Apple."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.apple_client_ids : can(regex("^[A-Za-z0-9.-]{1,255}$", id))])
    error_message = "Each of apple_client_ids must be an id as Apple writes it: letters, digits, dots and hyphens, at most 255 of them."
  }
}

variable "allowed_origins" {
  type        = list(string)
  description = "Origins of browsers that may open a socket and use the HTTP API; none for apps only."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for origin in var.allowed_origins : can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", origin))])
    error_message = "Origins must be https addresses without a path, such as https://chat.example.org; * is not allowed."
  }
}
