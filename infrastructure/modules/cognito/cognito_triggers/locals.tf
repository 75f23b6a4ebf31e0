# The three trigger functions as the program declares them (crates/innerworld-lambda/src/map/functions/pool.rs).
locals {
  tags = merge(var.tags, { Purpose = "identity" })

  arn      = "arn:${var.aws_context.partition}"
  place    = "${var.aws_context.region}:${var.aws_context.account_id}"
  tables   = { for name, table in var.table_names : name => "${local.arn}:dynamodb:${local.place}:table/${table}" }
  timeout  = 5 # The pool waits five seconds, whatever stands here.
  log_base = "${local.arn}:logs:${local.place}:log-group:/aws/lambda/${var.name_prefix}"

  common = {
    ENVIRONMENT = var.environment
    DEBUG       = tostring(var.debug)
  }

  functions = {
    "cognito-pre-sign-up" = {
      environment = local.common
      rights      = []
    }

    "cognito-post-confirmation" = {
      environment = merge(local.common, {
        TEENS_TABLE     = var.table_names["teens"]
        TEEN_KEYS_TABLE = var.table_names["teen-keys"]
        TEEN_KEY_KMS_ID = var.kms_alias_name
      })

      rights = [
        {
          Effect   = "Allow"
          Action   = ["dynamodb:GetItem", "dynamodb:ConditionCheckItem"]
          Resource = local.tables["teens"]
        },
        {
          Effect   = "Allow"
          Action   = ["dynamodb:GetItem", "dynamodb:PutItem"]
          Resource = local.tables["teen-keys"]
        },
        {
          # A teen's key is unwrapped in the name of a teen only.
          Effect    = "Allow"
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = var.kms_key_arn
          Condition = { Null = { "kms:EncryptionContext:user_id" = "false" } }
        },
      ]
    }

    "cognito-custom-message" = {
      environment = local.common
      rights      = []
    }
  }

  # What Lambda needs on a function's behalf, beside the rights that the program declares.
  platform = {
    for name, function in local.functions : name => {
      Version = "2012-10-17"
      Statement = concat(
        [{
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "${local.log_base}-${name}:*"
        }],
        length(function.rights) > 0 && var.encrypt_tables_with_product_key ? [{
          Effect    = "Allow"
          Action    = ["kms:Decrypt"]
          Resource  = var.kms_key_arn
          Condition = { StringEquals = { "kms:ViaService" = "dynamodb.${var.aws_context.region}.amazonaws.com" } }
        }] : [],
        # Tracing has no resource of its own: `*` is all that its actions know.
        var.enable_xray_tracing ? [{
          Effect   = "Allow"
          Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
          Resource = "*"
        }] : []
      )
    }
  }

  trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  }

  function_arns = {
    for name in keys(local.functions) : name => "${local.arn}:lambda:${local.place}:function:${var.name_prefix}-${name}"
  }

  packages = { for name in keys(local.functions) : name => "${var.package_dir}/${name}.zip" }
}
