locals {
  prefix = "${var.project_name}-${var.environment}"

  aws_context = {
    partition  = data.aws_partition.this.partition
    region     = var.aws_region
    account_id = data.aws_caller_identity.this.account_id
  }

  # What would be gone with a wrong `destroy` is protected where teens are.
  is_protected = var.environment == "prod"

  has_graph = var.graph_backend == "neptune"
  has_vpc   = local.has_graph || var.lambda_in_vpc

  package_dir = "${var.lambda_package_dir}/${var.lambda_architecture}"

  # Roles are named after their functions. Only these read a secret, as the functions' map has it.
  model_secret_readers = ["${local.prefix}-turn-worker", "${local.prefix}-session-processor"]
  apple_secret_readers = ["${local.prefix}-privacy-worker"]
  function_roles       = concat(values(module.lambda.role_names), values(module.cognito.trigger_function_names))

  # Ids are no secret; the key beside them is.
  apple_client_ids = nonsensitive(var.apple_signin == null ? [] : compact([var.apple_signin.client_id, var.apple_signin.bundle_id]))

  redirect_urls = concat(var.app_redirect_urls, [for origin in var.allowed_origins : "${origin}/signed-in"])

  vpc = local.has_vpc ? {
    subnet_ids                 = one(module.networking[*].private_subnet_ids)
    lambda_security_group_id   = one(module.networking[*].lambda_security_group_id)
    internet_security_group_id = one(module.networking[*].lambda_internet_security_group_id)
  } : null

  graph = local.has_graph ? {
    endpoint            = one(module.neptune[*].endpoint)
    reader_endpoint     = one(module.neptune[*].reader_endpoint)
    port                = one(module.neptune[*].port)
    cluster_resource_id = one(module.neptune[*].cluster_resource_id)
  } : null

  watched_graph = local.has_graph ? {
    cluster_identifier   = one(module.neptune[*].cluster_identifier)
    instance_identifiers = one(module.neptune[*].instance_identifiers)
    serverless_max_ncu   = var.neptune_instance_class == "db.serverless" ? var.neptune_serverless_max_ncu : null
  } : null

  endpoints = {
    health_check_url = module.lambda.health_check_url
    http_api_url     = module.lambda.http_api_url
    websocket_url    = module.lambda.websocket_url
  }
}
