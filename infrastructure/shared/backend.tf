# Where the state of the other roots is kept. This root keeps its own state in the folder it runs in: it is applied
# once, by one person, before anything else exists.

terraform {
  required_version = ">= 1.5.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }
}

variable "project_name" {
  type        = string
  description = "Name of the product, with which every resource's name begins."
  default     = "innerworld"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}[a-z0-9]$", var.project_name))
    error_message = "The project name must be 3 to 22 lower-case letters, digits or hyphens, from a letter to a letter or digit."
  }
}

variable "environments" {
  type        = set(string)
  description = "Environments whose state is kept here, each in a bucket of its own."
  default     = ["prod"]
  nullable    = false

  validation {
    condition     = length(var.environments) > 0 && length(setsubtract(var.environments, ["dev", "staging", "prod"])) == 0
    error_message = "The environments must be one or more of dev, staging and prod."
  }
}

variable "aws_region" {
  type        = string
  description = "Region of the buckets and lock tables; the backend blocks of the roots name the same one."
  default     = "us-east-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "The region must look like us-east-1 or eu-central-1."
  }
}

variable "state_bucket_suffix" {
  type        = string
  description = "Appended to the buckets' names, for those who find them taken: names of buckets are global."
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(-[a-z0-9]{1,16})?$", var.state_bucket_suffix))
    error_message = "The suffix must be empty, or a hyphen and 1 to 16 lower-case letters or digits."
  }
}

provider "aws" {
  region = var.aws_region

  default_tags {
    tags = {
      Project    = var.project_name
      ManagedBy  = "terraform"
      Repository = "innerworld"
    }
  }
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  environments = {
    for name in var.environments : name => {
      bucket         = "${var.project_name}-${name}-terraform-state${var.state_bucket_suffix}"
      dynamodb_table = "${var.project_name}-${name}-terraform-locks"
    }
  }

  arn         = "arn:${data.aws_partition.this.partition}"
  tables      = "${local.arn}:dynamodb:${var.aws_region}:${data.aws_caller_identity.this.account_id}:table"
  bucket_arns = { for name, one in local.environments : name => "${local.arn}:s3:::${one.bucket}" }

  # What whoever plans does with the state, and what whoever applies does. Both hold the lock.
  lock    = ["dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"]
  objects = { read = ["s3:GetObject"], write = ["s3:GetObject", "s3:PutObject"] }
  policies = {
    for pair in setproduct(var.environments, keys(local.objects)) : join("-", pair) => {
      environment = pair[0]
      use         = pair[1]
      bucket_arn  = local.bucket_arns[pair[0]]
      table_arn   = "${local.tables}/${local.environments[pair[0]].dynamodb_table}"
    }
  }

  tags = { Purpose = "state" }
}

# A state may hold a key that somebody gave to Terraform: it is versioned, encrypted, private, and no request without
# TLS is answered.
resource "aws_s3_bucket" "state" {
  # checkov:skip=CKV_AWS_18:not applicable: who reads the state is in the account's own trail
  # checkov:skip=CKV_AWS_144:cost: versions bring a lost state back, a second region would double what may be lost
  # checkov:skip=CKV2_AWS_62:not applicable: nothing waits for a change of the state
  for_each = local.environments

  bucket = each.value.bucket
  tags   = merge(local.tags, { Environment = each.key })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "state" {
  for_each = local.environments

  bucket = aws_s3_bucket.state[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  for_each = local.environments

  bucket = aws_s3_bucket.state[each.key].id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  for_each = local.environments

  bucket                  = aws_s3_bucket.state[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "state" {
  for_each = local.environments

  bucket = aws_s3_bucket.state[each.key].id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = 90
    }
  }

  depends_on = [aws_s3_bucket_versioning.state]
}

resource "aws_s3_bucket_policy" "state" {
  for_each = local.environments

  bucket = aws_s3_bucket.state[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.bucket_arns[each.key], "${local.bucket_arns[each.key]}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.state]
}

resource "aws_dynamodb_table" "locks" {
  # checkov:skip=CKV_AWS_119:sealed: a lock says who runs Terraform and nothing of the product, so a service key suffices
  for_each = local.environments

  name                        = each.value.dynamodb_table
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = true
  hash_key                    = "LockID"
  tags                        = merge(local.tags, { Environment = each.key })

  attribute {
    name = "LockID"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }
}

# For the people or the pipeline that run Terraform.
resource "aws_iam_policy" "state" {
  for_each = local.policies

  name        = "${var.project_name}-${each.value.environment}-terraform-state-${each.value.use}"
  description = "State of ${each.value.environment}: ${each.value.use} it, and hold its lock."
  tags        = merge(local.tags, { Environment = each.value.environment })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:ListBucket"], Resource = each.value.bucket_arn },
      { Effect = "Allow", Action = local.objects[each.value.use], Resource = "${each.value.bucket_arn}/*" },
      { Effect = "Allow", Action = local.lock, Resource = each.value.table_arn },
    ]
  })
}

output "backends" {
  description = "Bucket and lock table of each environment, for the backend block of its root."
  value       = local.environments
}

output "policy_arns" {
  description = "Policies to attach to whoever plans (`-read`) and whoever applies (`-write`)."
  value       = { for name, policy in aws_iam_policy.state : name => policy.arn }
}
