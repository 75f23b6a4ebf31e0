mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

run "the_state_is_versioned_encrypted_private_and_locked" {
  command = plan

  assert {
    condition     = aws_s3_bucket.state["prod"].bucket == "innerworld-prod-terraform-state"
    error_message = "The bucket of the state must have the name that the backend block of prod has."
  }

  assert {
    condition     = aws_dynamodb_table.locks["prod"].name == "innerworld-prod-terraform-locks"
    error_message = "The lock table must have the name that the backend block of prod has."
  }

  assert {
    condition     = aws_dynamodb_table.locks["prod"].hash_key == "LockID"
    error_message = "Terraform looks for the lock by the key LockID."
  }

  assert {
    condition     = one(aws_s3_bucket_versioning.state["prod"].versioning_configuration).status == "Enabled"
    error_message = "The bucket of the state must keep versions."
  }

  assert {
    condition = one(one(
      aws_s3_bucket_server_side_encryption_configuration.state["prod"].rule
    ).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "The state must be encrypted by KMS."
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.state["prod"].block_public_acls,
      aws_s3_bucket_public_access_block.state["prod"].block_public_policy,
      aws_s3_bucket_public_access_block.state["prod"].ignore_public_acls,
      aws_s3_bucket_public_access_block.state["prod"].restrict_public_buckets,
    ])
    error_message = "The bucket of the state must block public access in all four ways."
  }

  assert {
    condition = one(jsondecode(aws_s3_bucket_policy.state["prod"].policy).Statement) == {
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource = [
        "arn:aws:s3:::innerworld-prod-terraform-state", "arn:aws:s3:::innerworld-prod-terraform-state/*",
      ]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }
    error_message = "The bucket of the state must refuse what comes without TLS."
  }

  assert {
    condition     = one(aws_dynamodb_table.locks["prod"].server_side_encryption).enabled
    error_message = "The lock table must be encrypted by KMS."
  }

  assert {
    condition     = aws_dynamodb_table.locks["prod"].deletion_protection_enabled
    error_message = "The lock table must be protected against deletion."
  }

  assert {
    condition = alltrue(concat(
      [for bucket in aws_s3_bucket.state : bucket.tags.Purpose == "state"],
      [for table in aws_dynamodb_table.locks : table.tags.Purpose == "state"],
      [for policy in aws_iam_policy.state : policy.tags.Purpose == "state"],
    ))
    error_message = "Everything here must be tagged with its purpose."
  }
}

run "whoever_plans_cannot_write_the_state" {
  command = plan

  assert {
    condition = toset(keys(aws_iam_policy.state)) == toset(["prod-read", "prod-write"]) && (
      aws_iam_policy.state["prod-write"].name == "innerworld-prod-terraform-state-write"
    )
    error_message = "There must be one policy for planning and one for applying."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.state["prod-read"].policy).Statement : statement.Action
      ] == [
      ["s3:ListBucket"], ["s3:GetObject"],
      ["dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
    ]
    error_message = "Planning must read the state and hold the lock, nothing else."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_policy.state["prod-write"].policy).Statement : statement.Resource
      ] == [
      "arn:aws:s3:::innerworld-prod-terraform-state", "arn:aws:s3:::innerworld-prod-terraform-state/*",
      "arn:aws:dynamodb:us-east-1:123456789012:table/innerworld-prod-terraform-locks",
    ]
    error_message = "Applying must be allowed on this state and this lock table only."
  }
}

run "every_environment_has_its_own_and_a_taken_name_can_be_changed" {
  command = plan

  variables {
    environments        = ["staging", "prod"]
    state_bucket_suffix = "-example"
  }

  assert {
    condition = output.backends == {
      prod    = { bucket = "innerworld-prod-terraform-state-example", dynamodb_table = "innerworld-prod-terraform-locks" }
      staging = { bucket = "innerworld-staging-terraform-state-example", dynamodb_table = "innerworld-staging-terraform-locks" }
    }
    error_message = "Each environment must have a bucket and a lock table, with the suffix on the bucket."
  }

  assert {
    condition     = length(aws_iam_policy.state) == 4
    error_message = "Each environment must have its own two policies."
  }
}

run "a_project_name_in_capitals_is_refused" {
  command = plan

  variables {
    project_name = "InnerWorld"
  }

  expect_failures = [var.project_name]
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environments = ["production"]
  }

  expect_failures = [var.environments]
}

run "a_region_that_is_none_is_refused" {
  command = plan

  variables {
    aws_region = "Frankfurt"
  }

  expect_failures = [var.aws_region]
}

run "a_suffix_without_hyphen_is_refused" {
  command = plan

  variables {
    state_bucket_suffix = "example"
  }

  expect_failures = [var.state_bucket_suffix]
}
