locals {
  account_root = "arn:${var.aws_context.partition}:iam::${var.aws_context.account_id}:root"
  role_arns    = "arn:${var.aws_context.partition}:iam::${var.aws_context.account_id}:role"
  secret_arns  = "arn:${var.aws_context.partition}:secretsmanager:${var.aws_context.region}:${var.aws_context.account_id}:secret"

  alias_name = "alias/${var.name_prefix}"

  secrets = {
    model = {
      name        = "${var.name_prefix}/openai/api-key"
      description = "Key of the model provider. An empty one means that the offline persona answers."
      purpose     = "realtime-chat"
      readers     = var.model_secret_readers
    }

    apple = {
      name        = "${var.name_prefix}/apple/signin-key"
      description = "Key of Sign in with Apple. Empty fields mean that it is not configured."
      purpose     = "identity"
      readers     = var.apple_secret_readers
    }
  }

  # Models are not named here: one that stands in the secret would win over the variable for ever, since later changes
  # of the value are ignored.
  first_values = {
    model = {
      api_key  = var.openrouter_api_key == null ? "" : var.openrouter_api_key
      provider = "openrouter"
      base_url = "https://openrouter.ai/api/v1"
    }

    apple = var.apple_signin == null ? { team_id = "", key_id = "", client_id = "", private_key = "" } : {
      team_id     = var.apple_signin.team_id
      key_id      = var.apple_signin.key_id
      client_id   = var.apple_signin.client_id
      private_key = var.apple_signin.private_key
    }
  }

  # A policy that named a role as principal would be refused until that role exists: the account is the principal, and a
  # condition names the roles.
  secret_policies = {
    for key, secret in local.secrets : key => {
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "Readers"
          Effect    = "Allow"
          Principal = { AWS = local.account_root }
          Action    = "secretsmanager:GetSecretValue"
          Resource  = "*" # In the policy of a secret this is the secret itself.
          Condition = {
            ArnEquals = { "aws:PrincipalArn" = [for name in secret.readers : "${local.role_arns}/${name}"] }
          }
        },
        {
          # Whatever its own policy says by mistake, no other function reads this secret. Operators do, and Terraform.
          Sid       = "NoOtherFunction"
          Effect    = "Deny"
          Principal = { AWS = local.account_root }
          Action    = "secretsmanager:GetSecretValue"
          Resource  = "*"
          Condition = {
            ArnEquals = {
              "aws:PrincipalArn" = [
                for name in sort(setsubtract(var.function_roles, secret.readers)) : "${local.role_arns}/${name}"
              ]
            }
          }
        },
      ]
    }
  }

  # Every `*` here is the key itself: a key policy knows no other resource.
  key_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        # As AWS gives it by default: IAM decides who uses the key. Without it nobody could change the key again.
        Sid       = "AccountDecidesByIam"
        Effect    = "Allow"
        Principal = { AWS = local.account_root }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.aws_context.region}.amazonaws.com" }
        Action = [
          "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey",
        ]
        Resource = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = join(":", [
              "arn", var.aws_context.partition, "logs", var.aws_context.region, var.aws_context.account_id,
              "log-group:/aws/*/${var.name_prefix}-*",
            ])
          }
        }
      },
      merge({ Sid = "Topics", Principal = { Service = "sns.amazonaws.com" } }, local.topic_encryption),
      merge({ Sid = "Alarms", Principal = { Service = "cloudwatch.amazonaws.com" } }, local.topic_encryption),
    ]
  }

  # An alarm is published by CloudWatch to a topic that SNS encrypts: both work on the topic's messages, and only there.
  topic_encryption = {
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = "*"
    Condition = {
      ArnLike = {
        "kms:EncryptionContext:aws:sns:topicArn" = join(":", [
          "arn", var.aws_context.partition, "sns", var.aws_context.region, var.aws_context.account_id,
          "${var.name_prefix}-*",
        ])
      }
    }
  }
}
