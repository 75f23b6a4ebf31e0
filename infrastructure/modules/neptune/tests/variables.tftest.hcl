mock_provider "aws" {}

variables {
  name_prefix       = "innerworld-prod"
  subnet_ids        = ["subnet-1", "subnet-2"]
  security_group_id = "sg-neptune"
  kms_key_arn       = "arn:aws:kms:us-east-1:123456789012:key/product"
}

run "an_engine_version_without_patch_is_refused" {
  command = plan

  variables {
    engine_version = "1.4"
  }

  expect_failures = [var.engine_version]
}

run "a_class_of_another_service_is_refused" {
  command = plan

  variables {
    instance_class = "m5.large"
  }

  expect_failures = [var.instance_class]
}

run "classes_of_every_allowed_family_are_taken" {
  command = plan

  variables {
    instance_class = "db.x2iedn.16xlarge"
  }

  assert {
    condition     = aws_neptune_cluster_instance.this["1"].instance_class == "db.x2iedn.16xlarge"
    error_message = "A large class must be taken."
  }
}

run "no_instance_is_refused" {
  command = plan

  variables {
    instance_count = 0
  }

  expect_failures = [var.instance_count]
}

run "a_capacity_below_one_unit_is_refused" {
  command = plan

  variables {
    serverless_min_ncu = 0.5
  }

  expect_failures = [var.serverless_min_ncu]
}

run "a_capacity_between_the_steps_is_refused" {
  command = plan

  variables {
    serverless_max_ncu = 2.7
  }

  expect_failures = [var.serverless_max_ncu]
}

run "a_least_capacity_above_the_greatest_is_refused" {
  command = plan

  variables {
    serverless_min_ncu = 8
    serverless_max_ncu = 4
  }

  expect_failures = [aws_neptune_cluster.this]
}

run "backups_for_ninety_days_are_refused" {
  command = plan

  variables {
    backup_retention_days = 90
  }

  expect_failures = [var.backup_retention_days]
}

run "a_time_limit_of_three_minutes_is_refused" {
  command = plan

  variables {
    query_timeout_ms = 180000
  }

  expect_failures = [var.query_timeout_ms]
}

run "days_that_cloudwatch_does_not_know_are_refused" {
  command = plan

  variables {
    log_retention_days = 8
  }

  expect_failures = [var.log_retention_days]
}
