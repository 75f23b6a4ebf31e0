mock_provider "aws" {}

variables {
  name_prefix    = "innerworld-prod"
  environment    = "prod"
  package_dir    = "../../../tests/packages/arm64"
  kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/product"
  kms_alias_name = "alias/innerworld-prod"
  table_names    = { teens = "innerworld-prod-teens", "teen-keys" = "innerworld-prod-teen-keys" }
  user_pool_arn  = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AbCdEfGhI"
  aws_context = {
    partition  = "aws"
    region     = "us-east-1"
    account_id = "123456789012"
  }
}

run "a_missing_package_is_named" {
  command = plan

  variables {
    package_dir = "../../../tests/none"
  }

  expect_failures = [aws_lambda_function.this]
}

run "an_unknown_processor_is_refused" {
  command = plan

  variables {
    architecture = "riscv64"
  }

  expect_failures = [var.architecture]
}

run "tables_without_that_of_keys_are_refused" {
  command = plan

  variables {
    table_names = { teens = "innerworld-prod-teens" }
  }

  expect_failures = [var.table_names]
}

run "days_that_cloudwatch_does_not_know_are_refused" {
  command = plan

  variables {
    log_retention_days = 100
  }

  expect_failures = [var.log_retention_days]
}
