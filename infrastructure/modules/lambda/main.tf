# The functions with their roles, the two APIs before them, and the queues, the schedule and the bucket
# between them.
#
# What a function is stands in functions_<topic>.tf, as data, in the words of the function map of the crate
# innerworld-lambda; a test there compares the two. This file says what those words mean here.

locals {
  all_functions = merge(
    local.functions_door,
    local.functions_talk,
    local.functions_after,
    local.functions_person,
    local.functions_graph,
  )

  # As the operator wants them.
  configured = {
    for name, function in local.all_functions : name => merge(function, {
      memory_mb   = coalesce(local.overrides[name].memory_mb, function.memory_mb)
      timeout_s   = coalesce(local.overrides[name].timeout_s, function.timeout_s)
      reserved    = local.overrides[name].reserved_concurrency
      provisioned = local.overrides[name].provisioned_concurrency
      in_vpc      = function.in_vpc || var.lambda_in_vpc
      of_graph    = function.in_vpc
    })
  }

  # The graph's functions have nothing to do where graphs are kept in tables.
  functions = {
    for name, function in local.configured : name => function
    if var.graph_backend == "neptune" || !function.of_graph
  }

  no_override = {
    memory_mb               = null
    timeout_s               = null
    reserved_concurrency    = null
    provisioned_concurrency = null
  }

  overrides = {
    for name in keys(local.all_functions) :
    name => lookup(var.function_overrides, name, local.no_override)
  }

  # Instances that are kept ready belong to a version, which everybody then reaches by its alias.
  provisioned = { for name, function in local.functions : name => function if function.provisioned != null }
  alias       = "live"

  # The gateway waits 29 s and no longer.
  behind_gateway = ["connect_authorizer", "connect", "default", "disconnect", "health_route", "account_routes"]
}

# Names, and the ARNs and addresses that are built from them: so they are known before anything is made.
locals {
  place      = "${var.aws_context.region}:${var.aws_context.account_id}"
  dns_suffix = var.aws_context.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"

  arn = {
    for service, type in {
      dynamodb = ":table"
      sqs      = ""
      lambda   = ":function"
      logs     = ":log-group"
    } : service => "arn:${var.aws_context.partition}:${service}:${local.place}${type}"
  }

  function_full_names = { for name in keys(local.all_functions) : name => "${var.name_prefix}-${name}" }
  function_arns       = { for name, full in local.function_full_names : name => "${local.arn.lambda}:${full}" }

  # What callers call: the alias, where there is one.
  suffixes = {
    for name in keys(local.all_functions) : name => contains(keys(local.provisioned), name) ? ":${local.alias}" : ""
  }
  call_names  = { for name, full in local.function_full_names : name => "${full}${local.suffixes[name]}" }
  call_arns   = { for name, arn in local.function_arns : name => "${arn}${local.suffixes[name]}" }
  invoke_path = "arn:${var.aws_context.partition}:apigateway:${var.aws_context.region}:lambda:path/2015-03-31/functions"
  invoke_arns = { for name, arn in local.call_arns : name => "${local.invoke_path}/${arn}/invocations" }

  export_bucket = "${var.name_prefix}-exports-${var.aws_context.account_id}"
  stage         = var.environment

  # Functions post to the API's own address also where it has another name: the stage is part of both.
  websocket_endpoint = "${replace(aws_apigatewayv2_api.websocket.api_endpoint, "wss://", "https://")}/${local.stage}"
}

# Every variable that a function may be told. Each gets those that it names, and nothing else; the region
# is set by Lambda, which refuses to be told it.
locals {
  variables = merge(
    {
      ENVIRONMENT                 = var.environment
      DEBUG                       = tostring(var.debug)
      COGNITO_USER_POOL_ID        = var.user_pool_id
      COGNITO_USER_POOL_CLIENT_ID = var.user_pool_client_id
      TEEN_KEY_KMS_ID             = var.kms_alias_name
      MODEL_SECRET_ID             = var.model_secret_id
      APPLE_SECRET_ID             = var.apple_secret_id
      WEBSOCKET_ENDPOINT          = local.websocket_endpoint
      TURN_WORKER_FUNCTION        = local.call_names["turn-worker"]
      SESSION_QUEUE_URL           = local.queue_urls["session-ended"]
      PRIVACY_QUEUE_URL           = local.queue_urls["privacy-jobs"]
      SAFETY_SPOOL_URL            = local.queue_urls["safety-spool"]
      EXPORT_BUCKET               = local.export_bucket
      MODEL_PRIMARY               = var.model_primary
      MODEL_FALLBACK              = var.model_fallback
      EVIDENCE_DAYS               = tostring(var.evidence_days)
      MEMORY_MODE_MAX             = var.memory_mode_max
      ACCEPT_UNREVIEWED_PROTOCOL  = tostring(var.accept_unreviewed_protocol)
      DELTA_FLUSH_MS              = tostring(var.delta_flush_ms)
      CHECKPOINT_MS               = tostring(var.checkpoint_ms)

      # An empty variable is a forgotten one to the functions; this is their word for no browser.
      APPLE_CLIENT_IDS = length(var.apple_client_ids) == 0 ? "none" : join(",", var.apple_client_ids)
      ALLOWED_ORIGINS  = length(var.allowed_origins) == 0 ? "none" : join(",", var.allowed_origins)

      # The function and the queue are told also where graphs are kept in tables: nobody asks for them then.
      GRAPH_BACKEND         = var.graph_backend
      GRAPH_DAYS            = tostring(var.graph_days)
      GRAPH_READER_FUNCTION = local.call_names["graph-reader"]
      GRAPH_QUEUE_URL       = local.queue_urls["graph-writes"]
    },
    {
      for name, table in var.table_names : "${upper(replace(name, "-", "_"))}_TABLE" => table
    },
    var.neptune == null ? {} : {
      NEPTUNE_ENDPOINT        = var.neptune.endpoint
      NEPTUNE_READER_ENDPOINT = var.neptune.reader_endpoint
      NEPTUNE_PORT            = tostring(var.neptune.port)
      NEPTUNE_IAM_AUTH        = "true"
    },
  )
}
