# What Lambda needs to run a function: its log group, its place in the network, traces, where failed calls
# go, and the product's key where another service uses it on the function's behalf.

locals {
  # What each function has to do with others, told from its rights.
  uses = {
    for name, function in local.functions : name => {
      actions = toset(flatten([for right in function.rights : right.actions]))
      sends   = contains(flatten(function.rights[*].actions), "sqs:SendMessage") || contains(keys(local.failures), name)
      queues  = anytrue([for right in function.rights : startswith(right.on, "queue/")]) || contains(keys(local.failures), name)
      exports = flatten([for right in function.rights : right.actions if right.on == "bucket/exports/objects"])
    }
  }

  # Services that decrypt by the product's key when the function calls them.
  key_through = {
    for name, uses in local.uses : name => [for service, needed in {
      dynamodb       = var.encrypt_tables_with_product_key
      secretsmanager = contains(uses.actions, "secretsmanager:GetSecretValue")
      sqs            = var.encrypt_tables_with_product_key && uses.queues
    } : "${service}.${var.aws_context.region}.${local.dns_suffix}" if needed]
  }

  platform = {
    for name, function in local.functions : name => jsonencode({
      Version = "2012-10-17"
      Statement = [for part in [
        {
          needed = true
          statement = {
            Effect   = "Allow"
            Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
            Resource = "${local.arn.logs}:/aws/lambda/${local.function_full_names[name]}:*"
          }
        },
        {
          needed = function.in_vpc
          statement = {
            Effect = "Allow"
            Action = [
              "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
              "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses",
              "ec2:UnassignPrivateIpAddresses",
            ]
            # Interfaces are made by Lambda, with names that nobody knows before; as in the service's own
            # policy AWSLambdaVPCAccessExecutionRole.
            Resource = "*"
          }
        },
        {
          needed = var.enable_xray_tracing
          statement = {
            Effect = "Allow"
            Action = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
            # These actions know no resource.
            Resource = "*"
          }
        },
        {
          needed = contains(keys(local.failures), name)
          statement = {
            Effect   = "Allow"
            Action   = ["sqs:SendMessage"]
            Resource = lookup(local.failure_arns, name, "")
          }
        },
        {
          needed = length(local.key_through[name]) > 0
          statement = {
            Effect = "Allow"
            Action = concat(
              ["kms:Decrypt"],
              var.encrypt_tables_with_product_key && local.uses[name].sends ? ["kms:GenerateDataKey"] : [],
            )
            Resource  = var.kms_key_arn
            Condition = { StringEquals = { "kms:ViaService" = local.key_through[name] } }
          }
        },
        {
          # What lies in the bucket is encrypted for its own place, not in the name of a teen.
          needed = length(local.uses[name].exports) > 0
          statement = {
            Effect = "Allow"
            Action = concat(
              ["kms:Decrypt"],
              contains(local.uses[name].exports, "s3:PutObject") ? ["kms:GenerateDataKey"] : [],
            )
            Resource = var.kms_key_arn
            Condition = {
              StringEquals = { "kms:ViaService" = "s3.${var.aws_context.region}.${local.dns_suffix}" }
              StringLike   = { "kms:EncryptionContext:aws:s3:arn" = local.resources["bucket/exports/objects"] }
            }
          }
        },
      ] : part.statement if part.needed]
    })
  }
}
