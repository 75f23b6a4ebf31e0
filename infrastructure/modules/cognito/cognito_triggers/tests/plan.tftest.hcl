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

run "the_three_functions_are_what_the_program_declares" {
  command = plan

  assert {
    condition = toset([for function in aws_lambda_function.this : function.function_name]) == toset([
      "innerworld-prod-cognito-pre-sign-up", "innerworld-prod-cognito-post-confirmation", "innerworld-prod-cognito-custom-message",
    ])
    error_message = "There must be the three triggers."
  }

  assert {
    condition = alltrue([
      for function in aws_lambda_function.this :
      function.runtime == "provided.al2023" && function.handler == "bootstrap" && function.architectures == tolist(["arm64"])
    ])
    error_message = "The programs are made for provided.al2023 on arm64."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : function.timeout == 5 && function.memory_size == 128])
    error_message = "A trigger must have five seconds and 128 MB."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : length(function.vpc_config) == 0])
    error_message = "No trigger may run inside the VPC: it would not reach KMS."
  }

  assert {
    condition     = one(aws_lambda_function.this["cognito-pre-sign-up"].environment).variables == tomap({ ENVIRONMENT = "prod", DEBUG = "false" })
    error_message = "The age gate must be told nothing that it does not need."
  }

  assert {
    condition = one(aws_lambda_function.this["cognito-post-confirmation"].environment).variables == tomap({
      ENVIRONMENT     = "prod"
      DEBUG           = "false"
      TEENS_TABLE     = "innerworld-prod-teens"
      TEEN_KEYS_TABLE = "innerworld-prod-teen-keys"
      TEEN_KEY_KMS_ID = "alias/innerworld-prod"
    })
    error_message = "The function that makes a teen's key must be told its tables and the product's key."
  }

  assert {
    condition     = one(aws_lambda_function.this["cognito-custom-message"].environment).variables == tomap({ ENVIRONMENT = "prod", DEBUG = "false" })
    error_message = "The function that words mails must be told nothing that it does not need."
  }

  assert {
    condition     = output.function_arns["cognito-pre-sign-up"] == "arn:aws:lambda:us-east-1:123456789012:function:innerworld-prod-cognito-pre-sign-up"
    error_message = "ARNs must be built from names."
  }
}

run "only_the_one_that_makes_a_key_has_rights" {
  command = plan

  assert {
    condition     = keys(aws_iam_role_policy.rights) == ["cognito-post-confirmation"]
    error_message = "The other two must have no rights."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.rights["cognito-post-confirmation"].policy).Statement == [
      {
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:ConditionCheckItem"]
        Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/innerworld-prod-teens"
      },
      {
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem"]
        Resource = "arn:aws:dynamodb:us-east-1:123456789012:table/innerworld-prod-teen-keys"
      },
      {
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "arn:aws:kms:us-east-1:123456789012:key/product"
        Condition = { Null = { "kms:EncryptionContext:user_id" = "false" } }
      },
    ]
    error_message = "Its rights must be those of the function map, and the key must be used in the name of a teen only."
  }

  assert {
    condition = alltrue([
      for name, policy in aws_iam_role_policy.platform : jsondecode(policy.policy).Statement == [{
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/innerworld-prod-${name}:*"
      }]
    ])
    error_message = "Beside that, a function must write into its own log group and nowhere else."
  }

  assert {
    condition = alltrue([
      for role in aws_iam_role.this :
      one(jsondecode(role.assume_role_policy).Statement).Principal == { Service = "lambda.amazonaws.com" }
    ])
    error_message = "Only Lambda may take on the roles."
  }
}

run "the_pool_and_nobody_else_calls_them" {
  command = plan

  assert {
    condition = alltrue([
      for permission in aws_lambda_permission.pool : permission.principal == "cognito-idp.amazonaws.com" && (
        permission.source_arn == "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AbCdEfGhI"
      )
    ])
    error_message = "Only this pool may call the functions."
  }

  assert {
    condition     = length(aws_lambda_permission.pool) == 3 && alltrue([for one in aws_lambda_permission.pool : one.source_account == "123456789012"])
    error_message = "The pool must be of our own account."
  }
}

run "logs_are_encrypted_and_tracing_is_off" {
  command = plan

  assert {
    condition = alltrue([
      for group in aws_cloudwatch_log_group.this :
      group.kms_key_id == "arn:aws:kms:us-east-1:123456789012:key/product" && group.retention_in_days == 14
    ])
    error_message = "Logs must be encrypted by the product's key and kept for the days asked for."
  }

  assert {
    condition     = alltrue([for name, group in aws_cloudwatch_log_group.this : group.name == "/aws/lambda/innerworld-prod-${name}"])
    error_message = "Logs must be where Lambda's are looked for."
  }

  assert {
    condition = alltrue([
      for function in aws_lambda_function.this : one(function.logging_config).log_format == "JSON" && (
        one(function.logging_config).system_log_level == "WARN"
      )
    ])
    error_message = "Logs must be JSON, and Lambda's own lines few."
  }

  assert {
    condition     = alltrue([for function in aws_lambda_function.this : one(function.tracing_config).mode == "PassThrough"])
    error_message = "Tracing must be off unless it is asked for."
  }

  assert {
    condition = alltrue([
      for tags in concat(
        [for one in aws_lambda_function.this : one.tags], [for one in aws_iam_role.this : one.tags],
        [for one in aws_cloudwatch_log_group.this : one.tags]
      ) : tags.Purpose == "identity"
    ])
    error_message = "Everything must be tagged with its purpose."
  }
}

run "options_bring_the_rights_that_they_need" {
  command = plan

  variables {
    debug                           = true
    architecture                    = "x86_64"
    package_dir                     = "../../../tests/packages/x86_64"
    encrypt_tables_with_product_key = true
    enable_xray_tracing             = true
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.platform["cognito-post-confirmation"].policy).Statement[1] == {
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = "arn:aws:kms:us-east-1:123456789012:key/product"
      Condition = { StringEquals = { "kms:ViaService" = "dynamodb.us-east-1.amazonaws.com" } }
    }
    error_message = "With tables under the product's key, who calls them must be allowed to decrypt through DynamoDB."
  }

  assert {
    condition     = length(jsondecode(aws_iam_role_policy.platform["cognito-pre-sign-up"].policy).Statement) == 2
    error_message = "Who calls no table must not be given the key."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.platform["cognito-pre-sign-up"].policy).Statement[1] == {
      Effect   = "Allow"
      Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      Resource = "*"
    }
    error_message = "Tracing must bring its two actions."
  }

  assert {
    condition = alltrue([
      for function in aws_lambda_function.this :
      function.architectures == tolist(["x86_64"]) && one(function.tracing_config).mode == "Active" && (
        one(function.environment).variables["DEBUG"] == "true"
      )
    ])
    error_message = "Processor, tracing and level of logs must be those asked for."
  }
}
