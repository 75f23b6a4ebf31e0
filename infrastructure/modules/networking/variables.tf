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

variable "kms_key_arn" {
  type        = string
  description = "Key that encrypts the log of flows."
  nullable    = false
}

variable "vpc_cidr" {
  type        = string
  description = "Addresses of the VPC, a block of /16 to /24; each subnet gets a sixteenth of it."
  default     = "10.0.0.0/16"
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && can(regex("/(1[6-9]|2[0-4])$", var.vpc_cidr))
    error_message = "The block of the VPC must be an IPv4 block of /16 to /24, such as 10.0.0.0/16."
  }
}

variable "availability_zone_count" {
  type        = number
  description = "Number of availability zones, 2 or 3; a graph cluster needs two."
  default     = 2
  nullable    = false

  validation {
    condition     = contains([2, 3], var.availability_zone_count)
    error_message = "The number of availability zones must be 2 or 3."
  }
}

variable "enable_nat_gateway" {
  type        = bool
  description = "Whether the private subnets reach the internet, at about $33 a month for each gateway."
  default     = false
  nullable    = false
}

variable "single_nat_gateway" {
  type        = bool
  description = "Whether one gateway serves all zones; otherwise each zone has its own."
  default     = true
  nullable    = false
}

variable "enable_internet_security_group" {
  type        = bool
  description = "Whether functions that are not of the graph run here too and get a security group that lets them out to HTTPS."
  default     = false
  nullable    = false
}

variable "enable_network_acls" {
  type        = bool
  description = "Whether each tier of subnets has access lists of its own, beside the security groups."
  default     = false
  nullable    = false
}

variable "enable_vpc_flow_logs" {
  type        = bool
  description = "Whether connections in the VPC are logged: addresses, ports and sizes, no content."
  default     = true
  nullable    = false
}

variable "enable_secrets_manager_endpoint" {
  type        = bool
  description = "Whether Secrets Manager is reached inside the VPC, at about $7 a month for each zone."
  default     = false
  nullable    = false
}

variable "log_retention_days" {
  type        = number
  description = "Days that the log of flows is kept."
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

variable "tags" {
  type        = map(string)
  description = "Tags of every resource, beside its purpose."
  default     = {}
  nullable    = false
}
