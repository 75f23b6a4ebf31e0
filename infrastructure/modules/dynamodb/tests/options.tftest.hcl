mock_provider "aws" {}

variables {
  name_prefix = "innerworld-prod"
  aws_context = {
    partition  = "aws"
    region     = "us-east-1"
    account_id = "123456789012"
  }
}

run "tables_take_the_products_key_when_asked" {
  command = plan

  variables {
    encrypt_with_kms_key = true
    kms_key_arn          = "arn:aws:kms:us-east-1:123456789012:key/product"
  }

  assert {
    condition = alltrue([
      for table in aws_dynamodb_table.this : one(table.server_side_encryption).enabled && (
        one(table.server_side_encryption).kms_key_arn == "arn:aws:kms:us-east-1:123456789012:key/product"
      )
    ])
    error_message = "Every table must be encrypted by the product's key."
  }
}

run "streams_tell_keys_and_nothing_else" {
  command = plan

  variables {
    enable_streams = true
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : table.stream_enabled && table.stream_view_type == "KEYS_ONLY"])
    error_message = "A stream must tell which keys changed, and no item."
  }
}

run "copies_bring_the_stream_that_they_need" {
  command = plan

  variables {
    replica_regions = ["eu-central-1", "us-west-2"]
  }

  assert {
    condition = alltrue([
      for table in aws_dynamodb_table.this :
      toset([for replica in table.replica : replica.region_name]) == toset(["eu-central-1", "us-west-2"])
    ])
    error_message = "Every table must be copied to the regions asked for."
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : table.stream_view_type == "NEW_AND_OLD_IMAGES"])
    error_message = "Copies follow a stream of whole items."
  }
}

run "copies_and_the_products_key_exclude_each_other" {
  command = plan

  variables {
    replica_regions      = ["eu-central-1"]
    encrypt_with_kms_key = true
    kms_key_arn          = "arn:aws:kms:us-east-1:123456789012:key/product"
  }

  expect_failures = [aws_dynamodb_table.this]
}

run "provisioned_tables_and_indexes_are_scaled" {
  command = plan

  variables {
    billing_mode = "PROVISIONED"
    provisioned  = { read_min = 10, write_max = 800, target_percent = 60 }
  }

  assert {
    condition     = length(aws_appautoscaling_target.this) == 28 && length(aws_appautoscaling_policy.this) == 28
    error_message = "Reads and writes of eight tables and six indexes must be scaled."
  }

  assert {
    condition = alltrue([
      for table in aws_dynamodb_table.this : table.billing_mode == "PROVISIONED" && table.read_capacity == 10 && table.write_capacity == 5
    ])
    error_message = "Tables must start at the least capacity."
  }

  assert {
    condition = alltrue(flatten([
      for table in aws_dynamodb_table.this : [
        for index in table.global_secondary_index : index.read_capacity == 10 && index.write_capacity == 5
      ]
    ]))
    error_message = "Indexes must start at the least capacity."
  }

  assert {
    condition = (
      aws_appautoscaling_target.this["sessions/SweepIndex:write"].resource_id == "table/innerworld-prod-sessions/index/SweepIndex" &&
      aws_appautoscaling_target.this["sessions/SweepIndex:write"].scalable_dimension == "dynamodb:index:WriteCapacityUnits" &&
      aws_appautoscaling_target.this["sessions/SweepIndex:write"].max_capacity == 800
    )
    error_message = "An index must be scaled as such."
  }

  assert {
    condition = alltrue([
      for policy in aws_appautoscaling_policy.this : one(policy.target_tracking_scaling_policy_configuration).target_value == 60
    ])
    error_message = "Scaling must aim at the share asked for."
  }

  assert {
    condition     = alltrue([for target in aws_appautoscaling_target.this : target.tags.Purpose != null])
    error_message = "What is scaled must be tagged with its purpose."
  }
}

run "the_days_of_deleted_keys_can_be_shortened" {
  command = plan

  variables {
    key_recovery_days   = 1
    deletion_protection = false
  }

  assert {
    condition     = one(aws_dynamodb_table.this["teen-keys"].point_in_time_recovery).recovery_period_in_days == 1
    error_message = "The table of keys must be restorable for the days asked for."
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : table.deletion_protection_enabled == false])
    error_message = "Protection must be off where nobody would miss the tables."
  }
}

run "an_unknown_billing_mode_is_refused" {
  command = plan

  variables {
    billing_mode = "FREE"
  }

  expect_failures = [var.billing_mode]
}

run "a_least_capacity_above_the_greatest_is_refused" {
  command = plan

  variables {
    provisioned = { read_min = 501 }
  }

  expect_failures = [var.provisioned]
}

run "a_share_of_a_hundred_percent_is_refused" {
  command = plan

  variables {
    provisioned = { target_percent = 100 }
  }

  expect_failures = [var.provisioned]
}

run "keys_that_are_restorable_for_ninety_days_are_refused" {
  command = plan

  variables {
    key_recovery_days = 90
  }

  expect_failures = [var.key_recovery_days]
}

run "a_copy_in_no_region_is_refused" {
  command = plan

  variables {
    replica_regions = ["Frankfurt"]
  }

  expect_failures = [var.replica_regions]
}
