# One role a function, with two policies: `rights` is what the function may do, word for word the function
# map of the crate innerworld-lambda; `platform` is what Lambda itself needs on the function's behalf.

locals {
  # What the words of the map stand for.
  resources = merge(
    { for name, table in var.table_names : "table/${name}" => "${local.arn.dynamodb}/${table}" },
    {
      for path in [
        "sessions/index/SweepIndex",
        "teens/index/SweepIndex",
        "live-conversations/index/UserIndex",
        "websocket-connections/index/UserConnectionsIndex",
        ] : "table/${path}" => join("/", [
          local.arn.dynamodb, var.table_names[split("/", path)[0]], "index", split("/", path)[2]
      ])
    },
    { for name, queue in local.queue_names : "queue/${name}" => "${local.arn.sqs}:${queue}" },
    { for name, arn in local.call_arns : "function/${name}" => arn },
    {
      "key/product?context=user_id" = var.kms_key_arn
      "secret/openai/api-key"       = var.model_secret_arn_pattern
      "secret/apple/signin-key"     = var.apple_secret_arn_pattern
      "userpool/product"            = var.user_pool_arn
      "bucket/exports"              = "arn:${var.aws_context.partition}:s3:::${local.export_bucket}"
      "bucket/exports/objects"      = "arn:${var.aws_context.partition}:s3:::${local.export_bucket}/*"
      "graph/cluster" = var.neptune == null ? null : join(":", [
        "arn", var.aws_context.partition, "neptune-db", local.place, "${var.neptune.cluster_resource_id}/*"
      ])
      # Frames are posted and sockets closed; nobody asks what a socket is.
      "websocket/connections" = [for method in ["POST", "DELETE"] : join(":", [
        "arn", var.aws_context.partition, "execute-api", local.place,
        "${aws_apigatewayv2_api.websocket.id}/${local.stage}/${method}/@connections/*",
      ])]
    },
  )

  # A teen's key is unwrapped in the name of a teen only.
  of_a_teen = { Null = { "kms:EncryptionContext:user_id" = "false" } }

  rights = {
    for name, function in local.functions : name => jsonencode({
      Version = "2012-10-17"
      Statement = [for right in function.rights : {
        for key, value in {
          Effect    = "Allow"
          Action    = right.actions
          Resource  = local.resources[right.on]
          Condition = right.on == "key/product?context=user_id" ? local.of_a_teen : null
        } : key => value if value != null
      }]
    })
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name = local.function_full_names[each.key]
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })

  description = "What ${each.key} of ${var.name_prefix} may do"
  tags        = merge(var.tags, { Purpose = each.value.purpose })
}

resource "aws_iam_role_policy" "rights" {
  for_each = local.functions

  name   = "rights"
  role   = aws_iam_role.function[each.key].name
  policy = local.rights[each.key]
}

resource "aws_iam_role_policy" "platform" {
  for_each = local.functions

  name   = "platform"
  role   = aws_iam_role.function[each.key].name
  policy = local.platform[each.key]
}
