resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_338:privacy: logs of a service for teens are not kept for a year
  for_each = local.functions

  name = "/aws/lambda/${local.function_full_names[each.key]}"

  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
  tags              = merge(var.tags, { Purpose = each.value.purpose })
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_116:by design: failures go to destinations of calls and to dead-letter queues of queues, which say more
  # checkov:skip=CKV_AWS_173:not applicable: variables name things and hold no secret
  # checkov:skip=CKV_AWS_272:not applicable: packages are built by whoever deploys them
  for_each = local.functions

  function_name = local.function_full_names[each.key]
  role          = aws_iam_role.function[each.key].arn

  architectures                  = [var.architecture]
  description                    = "InnerWorld: ${each.key}"
  filename                       = "${var.package_dir}/${each.key}.zip"
  handler                        = "bootstrap"
  memory_size                    = each.value.memory_mb
  package_type                   = "Zip"
  publish                        = each.value.provisioned != null
  reserved_concurrent_executions = each.value.reserved
  runtime                        = "provided.al2023"
  # A package that is not there is told by the precondition below, in words.
  source_code_hash = fileexists("${var.package_dir}/${each.key}.zip") ? filebase64sha256("${var.package_dir}/${each.key}.zip") : null
  tags             = merge(var.tags, { Purpose = each.value.purpose })
  timeout          = each.value.timeout_s

  environment {
    variables = { for name in each.value.environment : name => local.variables[name] }
  }

  # Lambda takes a line without a level for INFO, and metrics are such lines: above INFO they would be lost.
  # Functions themselves say little below WARN unless debug is set (doc "Log-level filtering").
  logging_config {
    application_log_level = var.debug ? "DEBUG" : "INFO"
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.function[each.key].name
    system_log_level      = "WARN"
  }

  tracing_config {
    mode = var.enable_xray_tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = each.value.in_vpc ? [var.vpc] : []

    content {
      security_group_ids = [each.value.of_graph ? vpc_config.value.lambda_security_group_id : coalesce(
        vpc_config.value.internet_security_group_id, vpc_config.value.lambda_security_group_id
      )]
      subnet_ids = vpc_config.value.subnet_ids
    }
  }

  lifecycle {
    precondition {
      condition     = fileexists("${var.package_dir}/${each.key}.zip")
      error_message = "There is no package ${each.key}.zip in ${var.package_dir}: make all with cargo xtask package-lambda --arch ${var.architecture}."
    }

    precondition {
      condition     = !contains(local.behind_gateway, each.value.trigger) || each.value.timeout_s <= 29
      error_message = "The gateway waits 29 s for ${each.key}: give it 29 s or less."
    }

    precondition {
      condition     = !each.value.in_vpc || var.vpc != null
      error_message = "${each.key} runs inside a VPC: give vpc."
    }

    precondition {
      condition     = !each.value.of_graph || var.neptune != null
      error_message = "${each.key} asks the graph database: give neptune."
    }
  }

  # A function that starts before its rights are there fails, and is started again and again.
  depends_on = [aws_iam_role_policy.rights, aws_iam_role_policy.platform]
}

resource "aws_lambda_alias" "live" {
  for_each = local.provisioned

  function_name    = aws_lambda_function.this[each.key].function_name
  function_version = aws_lambda_function.this[each.key].version
  name             = local.alias

  description = "The version whose instances are kept ready"
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  for_each = local.provisioned

  function_name                     = aws_lambda_function.this[each.key].function_name
  provisioned_concurrent_executions = each.value.provisioned
  qualifier                         = aws_lambda_alias.live[each.key].name
}
