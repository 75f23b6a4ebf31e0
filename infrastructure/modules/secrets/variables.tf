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

variable "model_secret_readers" {
  type        = list(string)
  description = "Names of the roles that read the model provider's key."
  nullable    = false

  validation {
    condition     = length(var.model_secret_readers) > 0
    error_message = "The readers of the model provider's key must be at least one role."
  }
}

variable "apple_secret_readers" {
  type        = list(string)
  description = "Names of the roles that read the key of Sign in with Apple."
  nullable    = false

  validation {
    condition     = length(var.apple_secret_readers) > 0
    error_message = "The readers of the key of Sign in with Apple must be at least one role."
  }
}

variable "function_roles" {
  type        = list(string)
  description = "Names of the roles of all functions: those that are no readers are refused."
  nullable    = false

  validation {
    condition     = length(var.function_roles) > 0
    error_message = "The roles of functions must be at least one."
  }
}

variable "openrouter_api_key" {
  type        = string
  description = "Key of the model provider, written once and kept in Terraform's state; null writes a placeholder that is put right with `innerworld secrets set`."
  default     = null
  sensitive   = true

  validation {
    condition     = var.openrouter_api_key == null ? true : can(regex("^[!-~]{8,512}$", var.openrouter_api_key))
    error_message = "The key must be null, or 8 to 512 visible characters without spaces."
  }
}

variable "apple_signin" {
  type = object({
    team_id     = string
    key_id      = string
    client_id   = string
    private_key = string
  })
  description = "Sign in with Apple: team, key, Services ID and private key (PEM), written once and kept in Terraform's state; null writes a placeholder."
  default     = null
  sensitive   = true

  validation {
    condition = var.apple_signin == null ? true : (
      can(regex("^[A-Z0-9]{10}$", var.apple_signin.team_id)) && can(regex("^[A-Z0-9]{10}$", var.apple_signin.key_id))
    )
    error_message = "Apple's team and key must have 10 capital letters or digits each."
  }

  validation {
    condition = var.apple_signin == null ? true : (
      can(regex("^[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+$", var.apple_signin.client_id)) && var.apple_signin.private_key != ""
    )
    error_message = "Apple's client must look like org.example.app.signin, and the private key must not be empty."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource, beside its purpose."
  default     = {}
  nullable    = false
}
