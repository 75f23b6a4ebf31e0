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
  description = "Partition, region and account that ARNs are built from."
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.aws_context.account_id))
    error_message = "The account id must be 12 digits."
  }
}

variable "environment" {
  type        = string
  description = "The deployment, as functions write it into their metrics: the dimension Environment."
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "The environment must be dev, staging or prod."
  }
}

variable "alarm_level" {
  type        = string
  description = "Which alarms are made: the few that somebody must act on, or all."
  default     = "essential"
  nullable    = false

  validation {
    condition     = contains(["essential", "full"], var.alarm_level)
    error_message = "The alarm level must be essential or full."
  }
}

variable "alarm_email" {
  type        = string
  description = "Address that alarms are mailed to; null for nobody."
  default     = null

  validation {
    condition     = var.alarm_email == null ? true : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alarm_email))
    error_message = "The alarm address must be an e-mail address, or null."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the product's KMS key, which encrypts what alarms say."
  nullable    = false
}

variable "functions" {
  type        = map(number)
  description = "Seconds after which each function is ended, by the functions' names without the prefix."
  nullable    = false

  validation {
    condition = length(setsubtract(
      ["conversation-handler", "turn-worker", "session-processor"], keys(var.functions)
    )) == 0
    error_message = "Functions must have conversation-handler, turn-worker and session-processor."
  }

  validation {
    condition     = alltrue([for seconds in values(var.functions) : seconds >= 1 && seconds <= 900])
    error_message = "Time of a function must be 1 to 900 s."
  }
}

variable "websocket_api_id" {
  type        = string
  description = "Id of the WebSocket API."
  nullable    = false
}

variable "websocket_stage_name" {
  type        = string
  description = "Stage of the WebSocket API."
  nullable    = false
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

variable "queue_names" {
  type        = map(string)
  description = "Names of the queues between functions, and of turn-failures, by their short names."
  nullable    = false

  validation {
    condition = length(setsubtract(
      ["session-ended", "graph-writes", "privacy-jobs", "safety-spool", "turn-failures"],
      keys(var.queue_names)
    )) == 0
    error_message = "Queues must have session-ended, graph-writes, privacy-jobs, safety-spool and turn-failures."
  }
}

variable "dead_letter_queue_names" {
  type        = map(string)
  description = "Names of the queues of what failed for good, by their short names."
  nullable    = false

  validation {
    condition     = length(var.dead_letter_queue_names) >= 1 && length(var.dead_letter_queue_names) <= 9
    error_message = "There must be 1 to 9 queues of what failed: with turn-failures they share one alarm, which takes 10 metrics."
  }
}

variable "neptune" {
  type = object({
    cluster_identifier   = string
    instance_identifiers = list(string)
    serverless_max_ncu   = optional(number)
  })
  description = "The graph database, with the capacity (NCU) that it may grow to if it grows; null where there is none."
  default     = null
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
