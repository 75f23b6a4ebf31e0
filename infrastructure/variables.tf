variable "project_name" {
  type        = string
  description = "Name of the product, with which every name begins."
  default     = "innerworld"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}[a-z0-9]$", var.project_name))
    error_message = "The project name must be 3 to 22 lower-case letters, digits or hyphens, from a letter to a letter or digit."
  }
}

variable "environment" {
  type        = string
  description = "The deployment: dev, staging or prod."
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "The environment must be dev, staging or prod."
  }
}

variable "aws_region" {
  type        = string
  description = "Region that everything is made in; the provider must be given the same."
  default     = "us-east-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "The region must look like us-east-1 or eu-central-1."
  }
}

variable "debug" {
  type        = bool
  description = "Whether functions log more; never content."
  default     = false
  nullable    = false
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource, beside its purpose."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(lower(key), "aws:")])
    error_message = "Keys of tags must not begin with aws:, which AWS keeps for itself."
  }
}

variable "vpc_cidr" {
  type        = string
  description = "Addresses of the VPC, a block of /16 to /24."
  default     = "10.0.0.0/16"
  nullable    = false
}

variable "availability_zone_count" {
  type        = number
  description = "Number of availability zones, 2 or 3."
  default     = 2
  nullable    = false
}

variable "enable_nat_gateway" {
  type        = bool
  description = "Whether private subnets reach the internet, at about $33 a month for each gateway."
  default     = false
  nullable    = false
}

variable "single_nat_gateway" {
  type        = bool
  description = "Whether one gateway serves all zones; otherwise each zone has its own."
  default     = true
  nullable    = false
}

variable "enable_network_acls" {
  type        = bool
  description = "Whether each tier of subnets has access lists beside the security groups."
  default     = false
  nullable    = false
}

variable "enable_vpc_flow_logs" {
  type        = bool
  description = "Whether connections in the VPC, if there is one, are logged: addresses, ports and sizes, no content."
  default     = true
  nullable    = false
}

variable "enable_secrets_manager_endpoint" {
  type        = bool
  description = "Whether Secrets Manager is reached inside the VPC, at about $7 a month for each zone."
  default     = false
  nullable    = false
}

variable "lambda_in_vpc" {
  type        = bool
  description = "Whether all functions run inside the VPC, not only those of the graph; needs a NAT gateway."
  default     = false
  nullable    = false
}

variable "lambda_architecture" {
  type        = string
  description = "Processor of the functions: arm64 or x86_64."
  default     = "arm64"
  nullable    = false
}

variable "lambda_package_dir" {
  type        = string
  description = "Folder of packages as `cargo xtask package-lambda` writes it: a folder for the processor, and in it `<function>.zip`."
  default     = "../../../target/lambda"
  nullable    = false
}

variable "lambda_functions" {
  type = map(object({
    memory_mb               = optional(number)
    timeout_s               = optional(number)
    reserved_concurrency    = optional(number)
    provisioned_concurrency = optional(number)
  }))
  description = "Other memory (MB), time (s) and concurrency of functions, by name without the prefix."
  default     = {}
  nullable    = false
}

variable "enable_xray_tracing" {
  type        = bool
  description = "Whether functions are traced by X-Ray."
  default     = false
  nullable    = false
}
