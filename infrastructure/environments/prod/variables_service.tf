variable "cognito_tier" {
  type        = string
  description = "Feature plan of the user pool: LITE, ESSENTIALS or PLUS."
  default     = null
}

variable "cognito_password_flow" {
  type        = bool
  description = "Whether an app may send the password itself beside the flow that never does."
  default     = null
}

variable "ses_identity_arn" {
  type        = string
  description = "Address or domain in SES that mails come from; null is Cognito's own mailer with its small daily number, for pilots only."
  default     = null
}

variable "apple_signin" {
  type = object({
    team_id     = string
    key_id      = string
    client_id   = string
    private_key = string
    bundle_id   = optional(string)
  })
  description = "Sign in with Apple; null for none. It enters the state. bundle_id is the app's, by which Apple's notifications may call it."
  default     = null
  sensitive   = true
}

variable "app_redirect_urls" {
  type        = list(string)
  description = "Addresses that an app may have the browser return to after Sign in with Apple; each allowed origin has `/signed-in` beside them."
  default     = null
}

variable "openrouter_api_key" {
  type        = string
  description = "Key of the model provider; null writes a placeholder. It enters the state: better put it with `innerworld secrets set`."
  default     = null
  sensitive   = true
}

variable "model_primary" {
  type        = string
  description = "The model that answers, unless the secret names one."
  default     = null
}

variable "model_fallback" {
  type        = string
  description = "The model that answers when the first fails, unless the secret names one."
  default     = null
}

variable "delta_flush_ms" {
  type        = number
  description = "Milliseconds between two posts of an answer, 100 to 500."
  default     = null
}

variable "checkpoint_ms" {
  type        = number
  description = "Milliseconds after which an answer that is being made is stored, 500 to 10,000."
  default     = null
}

variable "allowed_origins" {
  type        = list(string)
  description = "Origins of browsers that may open a socket, https only; none for apps only."
  default     = null
}

variable "websocket_throttle" {
  type = object({
    rate  = number
    burst = number
  })
  description = "Requests a second, and at once, that each API takes."
  default     = null
}

variable "api_domain" {
  type = object({
    domain          = string
    certificate_arn = string
  })
  description = "Own name of the HTTP API, and ws. before it of the sockets; null for AWS's own names."
  default     = null
}

variable "manage_apigw_account_role" {
  type        = bool
  description = "Whether the role is made that API Gateway writes logs with: there is one in an account and region."
  default     = null
}

variable "alarm_email" {
  type        = string
  description = "Address that alarms are mailed to; null for nobody."
  default     = null
}

variable "alarm_level" {
  type        = string
  description = "Which alarms are made: the `essential` ones that somebody must act on, or the `full` table."
  default     = null
}

variable "log_retention_days" {
  type        = number
  description = "Days that logs are kept: one of the numbers that CloudWatch knows."
  default     = null
}
