resource "aws_iam_role" "this" {
  for_each = local.functions

  name               = "${var.name_prefix}-${each.key}"
  assume_role_policy = jsonencode(local.trust)
  tags               = local.tags
}

# Word for word what the program declares; a policy without a right is refused, so some have none.
resource "aws_iam_role_policy" "rights" {
  for_each = { for name, function in local.functions : name => function if length(function.rights) > 0 }

  name   = "rights"
  role   = aws_iam_role.this[each.key].name
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value.rights })
}

resource "aws_iam_role_policy" "platform" {
  for_each = local.functions

  name   = "platform"
  role   = aws_iam_role.this[each.key].name
  policy = jsonencode(local.platform[each.key])
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:privacy: logs are kept for weeks, not for a year
  for_each = local.functions

  name              = "/aws/lambda/${var.name_prefix}-${each.key}"
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
  tags              = local.tags
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_115:cost: a reserve would be taken from the functions that talk
  # checkov:skip=CKV_AWS_116:not applicable: the pool waits for the answer, nothing is queued
  # checkov:skip=CKV_AWS_117:by design: only the graph's functions run inside the VPC
  # checkov:skip=CKV_AWS_173:not applicable: the variables are names, no secrets
  # checkov:skip=CKV_AWS_272:not applicable: packages are built by whoever deploys them
  for_each = local.functions

  function_name    = "${var.name_prefix}-${each.key}"
  role             = aws_iam_role.this[each.key].arn
  architectures    = [var.architecture]
  filename         = local.packages[each.key]
  handler          = "bootstrap"
  memory_size      = 128
  runtime          = "provided.al2023"
  source_code_hash = fileexists(local.packages[each.key]) ? filebase64sha256(local.packages[each.key]) : null
  timeout          = local.timeout
  tags             = local.tags

  environment {
    variables = each.value.environment
  }

  # As the other functions have it: above INFO, lines without a level would be lost.
  logging_config {
    application_log_level = var.debug ? "DEBUG" : "INFO"
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.this[each.key].name
    system_log_level      = "WARN"
  }

  tracing_config {
    mode = var.enable_xray_tracing ? "Active" : "PassThrough"
  }

  lifecycle {
    precondition {
      condition     = fileexists(local.packages[each.key])
      error_message = "There is no package ${local.packages[each.key]}: build it with `cargo xtask package-lambda --arch ${var.architecture}`."
    }
  }

  depends_on = [aws_iam_role_policy.rights, aws_iam_role_policy.platform]
}

resource "aws_lambda_permission" "pool" {
  for_each = local.functions

  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this[each.key].function_name
  principal      = "cognito-idp.amazonaws.com"
  source_account = var.aws_context.account_id
  source_arn     = var.user_pool_arn
  statement_id   = "user-pool"
}
