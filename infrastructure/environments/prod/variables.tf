# The variables of ../../variables*.tf, passed through. What is null here has the default that stands there.

variable "project_name" {
  type        = string
  description = "Name of the product, with which every name begins."
  default     = "innerworld"
  nullable    = false
}

variable "environment" {
  type        = string
  description = "The deployment: dev, staging or prod."
  default     = "prod"
  nullable    = false

  validation {
    condition     = var.environment == "prod"
    error_message = "The state of this folder is that of prod: another environment must have a folder, a state and a name of its own."
  }
}

variable "aws_region" {
  type        = string
  description = "Region that everything is made in; the provider must be given the same."
  default     = "us-east-1"
  nullable    = false
}

variable "debug" {
  type        = bool
  description = "Whether functions log more; never content."
  default     = null
}

variable "tags" {
  type        = map(string)
  description = "Tags of every resource, beside its purpose."
  default     = null
}

variable "vpc_cidr" {
  type        = string
  description = "Addresses of the VPC, a block of /16 to /24."
  default     = null
}

variable "availability_zone_count" {
  type        = number
  description = "Number of availability zones, 2 or 3."
  default     = null
}

variable "enable_nat_gateway" {
  type        = bool
  description = "Whether private subnets reach the internet, at about $33 a month for each gateway."
  default     = null
}

variable "single_nat_gateway" {
  type        = bool
  description = "Whether one gateway serves all zones; otherwise each zone has its own."
  default     = null
}

variable "enable_network_acls" {
  type        = bool
  description = "Whether each tier of subnets has access lists beside the security groups."
  default     = null
}

variable "enable_vpc_flow_logs" {
  type        = bool
  description = "Whether connections in the VPC, if there is one, are logged: addresses, ports and sizes, no content."
  default     = null
}

variable "enable_secrets_manager_endpoint" {
  type        = bool
  description = "Whether Secrets Manager is reached inside the VPC, at about $7 a month for each zone."
  default     = null
}

variable "lambda_in_vpc" {
  type        = bool
  description = "Whether all functions run inside the VPC, not only those of the graph; needs a NAT gateway."
  default     = null
}

variable "lambda_architecture" {
  type        = string
  description = "Processor of the functions: arm64 or x86_64."
  default     = null
}

variable "lambda_package_dir" {
  type        = string
  description = "Folder of packages as `cargo xtask package-lambda` writes it: a folder for the processor, and in it `<function>.zip`."
  default     = null
}

variable "lambda_functions" {
  type = map(object({
    memory_mb               = optional(number)
    timeout_s               = optional(number)
    reserved_concurrency    = optional(number)
    provisioned_concurrency = optional(number)
  }))
  description = "Other memory (MB), time (s) and concurrency of functions, by name without the prefix."
  default     = null
}

variable "enable_xray_tracing" {
  type        = bool
  description = "Whether functions are traced by X-Ray."
  default     = null
}
