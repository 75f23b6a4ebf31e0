mock_provider "aws" {}

variables {
  name_prefix          = "innerworld-prod"
  model_secret_readers = ["innerworld-prod-turn-worker", "innerworld-prod-session-processor"]
  apple_secret_readers = ["innerworld-prod-privacy-worker"]
  function_roles = [
    "innerworld-prod-turn-worker", "innerworld-prod-session-processor", "innerworld-prod-privacy-worker",
    "innerworld-prod-authorizer",
  ]
  aws_context = {
    partition  = "aws"
    region     = "us-east-1"
    account_id = "123456789012"
  }
}

run "the_key_turns_over_and_is_not_lost_by_mistake" {
  command = plan

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The product's key must be renewed every year."
  }

  assert {
    condition     = aws_kms_key.this.deletion_window_in_days == 30
    error_message = "A deleted key must be kept as long as can be: without it no teen's record can be read."
  }

  assert {
    condition     = aws_kms_alias.this.name == "alias/innerworld-prod" && output.kms_alias_name == "alias/innerworld-prod"
    error_message = "The key must have the name by which functions and tools call it."
  }
}

run "the_keys_policy_lets_in_iam_logs_topics_and_alarms" {
  command = plan

  assert {
    condition = [for statement in jsondecode(aws_kms_key.this.policy).Statement : statement.Sid] == [
      "AccountDecidesByIam", "Logs", "Topics", "Alarms",
    ]
    error_message = "The key's policy must have its four statements and no other."
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[0].Principal == { AWS = "arn:aws:iam::123456789012:root" }
    error_message = "The account must be able to administer the key."
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[1].Principal == { Service = "logs.us-east-1.amazonaws.com" }
    error_message = "CloudWatch Logs of this region must be let in."
  }

  assert {
    condition = jsondecode(aws_kms_key.this.policy).Statement[1].Condition == {
      ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/*/innerworld-prod-*" }
    }
    error_message = "CloudWatch Logs must be let in for the product's log groups only."
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[2].Principal == { Service = "sns.amazonaws.com" }
    error_message = "SNS must be let in."
  }

  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[3].Principal == { Service = "cloudwatch.amazonaws.com" }
    error_message = "CloudWatch must be let in: otherwise alarms are lost without a word."
  }

  assert {
    condition = alltrue([
      for statement in slice(jsondecode(aws_kms_key.this.policy).Statement, 2, 4) : statement.Condition == {
        ArnLike = { "kms:EncryptionContext:aws:sns:topicArn" = "arn:aws:sns:us-east-1:123456789012:innerworld-prod-*" }
      }
    ])
    error_message = "SNS and CloudWatch must be let in for the product's topics only."
  }

  assert {
    condition = alltrue(flatten([
      for statement in slice(jsondecode(aws_kms_key.this.policy).Statement, 1, 4) : [
        for action in statement.Action : !strcontains(action, "*")
      ]
    ]))
    error_message = "Services must be given actions by name."
  }
}

run "the_secrets_have_the_names_that_are_documented" {
  command = plan

  assert {
    condition     = aws_secretsmanager_secret.this["model"].name == "innerworld-prod/openai/api-key"
    error_message = "The model provider's secret must have the name that the quick start uses."
  }

  assert {
    condition     = aws_secretsmanager_secret.this["apple"].name == "innerworld-prod/apple/signin-key"
    error_message = "Apple's secret must have the name that the quick start uses."
  }

  assert {
    condition = output.model_secret_arn_pattern == (
      "arn:aws:secretsmanager:us-east-1:123456789012:secret:innerworld-prod/openai/api-key-??????"
    )
    error_message = "Policies must name the model provider's secret with the six characters that AWS adds."
  }

  assert {
    condition = output.apple_secret_arn_pattern == (
      "arn:aws:secretsmanager:us-east-1:123456789012:secret:innerworld-prod/apple/signin-key-??????"
    )
    error_message = "Policies must name Apple's secret with the six characters that AWS adds."
  }

  assert {
    condition     = alltrue([for secret in aws_secretsmanager_secret.this : secret.recovery_window_in_days == 7])
    error_message = "A deleted secret must be restorable for a week."
  }

  assert {
    condition = (
      aws_kms_key.this.tags.Purpose == "memory" &&
      aws_secretsmanager_secret.this["model"].tags.Purpose == "realtime-chat" &&
      aws_secretsmanager_secret.this["apple"].tags.Purpose == "identity"
    )
    error_message = "Key and secrets must be tagged with their purposes."
  }
}

run "without_keys_a_placeholder_is_written" {
  command = plan

  assert {
    condition = nonsensitive(jsondecode(aws_secretsmanager_secret_version.this["model"].secret_string)) == {
      api_key  = ""
      base_url = "https://openrouter.ai/api/v1"
      provider = "openrouter"
    }
    error_message = "The placeholder must have an empty key, which means not configured, and name no model."
  }

  assert {
    condition = nonsensitive(jsondecode(aws_secretsmanager_secret_version.this["apple"].secret_string)) == {
      client_id   = ""
      key_id      = ""
      private_key = ""
      team_id     = ""
    }
    error_message = "The placeholder of Apple's key must have empty fields."
  }
}

run "a_secret_is_read_by_its_readers_and_by_no_other_function" {
  command = plan

  assert {
    condition = jsondecode(aws_secretsmanager_secret_policy.this["model"].policy).Statement[0] == {
      Sid       = "Readers"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = {
        ArnEquals = {
          "aws:PrincipalArn" = [
            "arn:aws:iam::123456789012:role/innerworld-prod-turn-worker",
            "arn:aws:iam::123456789012:role/innerworld-prod-session-processor",
          ]
        }
      }
    }
    error_message = "The model provider's key must be read by turn-worker and session-processor."
  }

  assert {
    condition = jsondecode(aws_secretsmanager_secret_policy.this["apple"].policy).Statement[0].Condition == {
      ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/innerworld-prod-privacy-worker"] }
    }
    error_message = "Apple's key must be read by privacy-worker."
  }

  assert {
    condition = jsondecode(aws_secretsmanager_secret_policy.this["model"].policy).Statement[1] == {
      Sid       = "NoOtherFunction"
      Effect    = "Deny"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = {
        ArnEquals = {
          "aws:PrincipalArn" = [
            "arn:aws:iam::123456789012:role/innerworld-prod-authorizer",
            "arn:aws:iam::123456789012:role/innerworld-prod-privacy-worker",
          ]
        }
      }
    }
    error_message = "Every other function must be refused the model provider's key."
  }

  assert {
    condition = length(setintersection(
      jsondecode(aws_secretsmanager_secret_policy.this["apple"].policy).Statement[1].Condition.ArnEquals["aws:PrincipalArn"],
      jsondecode(aws_secretsmanager_secret_policy.this["apple"].policy).Statement[0].Condition.ArnEquals["aws:PrincipalArn"]
    )) == 0
    error_message = "Nobody may be allowed Apple's key and refused it."
  }

  assert {
    condition = alltrue(flatten([
      for policy in aws_secretsmanager_secret_policy.this : [
        for statement in jsondecode(policy.policy).Statement : statement.Principal == { AWS = "arn:aws:iam::123456789012:root" }
      ]
    ]))
    error_message = "A policy must not name a role as principal: it would be refused before that role exists."
  }
}
