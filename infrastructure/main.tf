# Everything of one deployment. Roots such as environments/prod give it a provider and a place for its state.

# Everything is built from these two, so rules between variables stand here: nothing is planned before them.
data "aws_caller_identity" "this" {
  lifecycle {
    precondition {
      condition     = !var.lambda_in_vpc || var.enable_nat_gateway
      error_message = "With lambda_in_vpc the functions reach the model provider through a NAT gateway only: set enable_nat_gateway too."
    }
  }
}

data "aws_partition" "this" {}

module "networking" {
  source = "./modules/networking"
  count  = local.has_vpc ? 1 : 0

  name_prefix                     = local.prefix
  aws_context                     = local.aws_context
  vpc_cidr                        = var.vpc_cidr
  availability_zone_count         = var.availability_zone_count
  enable_nat_gateway              = var.enable_nat_gateway
  single_nat_gateway              = var.single_nat_gateway
  enable_internet_security_group  = var.lambda_in_vpc
  enable_network_acls             = var.enable_network_acls
  enable_vpc_flow_logs            = var.enable_vpc_flow_logs
  enable_secrets_manager_endpoint = var.enable_secrets_manager_endpoint
  log_retention_days              = var.log_retention_days
  kms_key_arn                     = module.secrets.kms_key_arn
  tags                            = var.tags
}

module "secrets" {
  source = "./modules/secrets"

  name_prefix          = local.prefix
  aws_context          = local.aws_context
  model_secret_readers = local.model_secret_readers
  apple_secret_readers = local.apple_secret_readers
  function_roles       = local.function_roles
  openrouter_api_key   = var.openrouter_api_key
  apple_signin         = var.apple_signin
  tags                 = var.tags
}

module "dynamodb" {
  source = "./modules/dynamodb"

  name_prefix          = local.prefix
  aws_context          = local.aws_context
  billing_mode         = var.dynamodb_billing_mode
  provisioned          = var.dynamodb_provisioned
  enable_streams       = var.enable_dynamodb_streams
  encrypt_with_kms_key = var.encrypt_tables_with_product_key
  kms_key_arn          = module.secrets.kms_key_arn
  key_recovery_days    = var.key_recovery_days
  deletion_protection  = local.is_protected
  replica_regions      = var.replica_regions
  tags                 = var.tags
}

module "cognito" {
  source = "./modules/cognito"

  name_prefix                     = local.prefix
  aws_context                     = local.aws_context
  environment                     = var.environment
  debug                           = var.debug
  tier                            = var.cognito_tier
  password_flow                   = var.cognito_password_flow
  ses_identity_arn                = var.ses_identity_arn
  apple_signin                    = var.apple_signin
  redirect_urls                   = local.redirect_urls
  deletion_protection             = local.is_protected
  architecture                    = var.lambda_architecture
  package_dir                     = local.package_dir
  table_names                     = module.dynamodb.table_names
  encrypt_tables_with_product_key = var.encrypt_tables_with_product_key
  kms_key_arn                     = module.secrets.kms_key_arn
  kms_alias_name                  = module.secrets.kms_alias_name
  log_retention_days              = var.log_retention_days
  enable_xray_tracing             = var.enable_xray_tracing
  tags                            = var.tags
}

module "neptune" {
  source = "./modules/neptune"
  count  = local.has_graph ? 1 : 0

  name_prefix           = local.prefix
  subnet_ids            = one(module.networking[*].database_subnet_ids)
  security_group_id     = one(module.networking[*].neptune_security_group_id)
  instance_class        = var.neptune_instance_class
  instance_count        = var.neptune_instance_count
  serverless_min_ncu    = var.neptune_serverless_min_ncu
  serverless_max_ncu    = var.neptune_serverless_max_ncu
  backup_retention_days = var.neptune_backup_retention_days
  deletion_protection   = var.neptune_deletion_protection
  audit_logs            = var.neptune_audit_logs
  query_timeout_ms      = var.neptune_query_timeout_ms
  kms_key_arn           = module.secrets.kms_key_arn
  log_retention_days    = var.log_retention_days
  tags                  = var.tags
}

module "lambda" {
  source = "./modules/lambda"

  name_prefix                     = local.prefix
  aws_context                     = local.aws_context
  environment                     = var.environment
  debug                           = var.debug
  architecture                    = var.lambda_architecture
  package_dir                     = local.package_dir
  function_overrides              = var.lambda_functions
  lambda_in_vpc                   = var.lambda_in_vpc
  vpc                             = local.vpc
  table_names                     = module.dynamodb.table_names
  encrypt_tables_with_product_key = var.encrypt_tables_with_product_key
  kms_key_arn                     = module.secrets.kms_key_arn
  kms_alias_name                  = module.secrets.kms_alias_name
  model_secret_id                 = module.secrets.model_secret_id
  model_secret_arn_pattern        = module.secrets.model_secret_arn_pattern
  apple_secret_id                 = module.secrets.apple_secret_id
  apple_secret_arn_pattern        = module.secrets.apple_secret_arn_pattern
  user_pool_id                    = module.cognito.user_pool_id
  user_pool_arn                   = module.cognito.user_pool_arn
  user_pool_client_id             = module.cognito.client_id
  issuer                          = module.cognito.issuer
  graph_backend                   = var.graph_backend
  neptune                         = local.graph
  evidence_days                   = var.evidence_days
  graph_days                      = var.graph_days
  accept_unreviewed_protocol      = var.accept_unreviewed_protocol
  memory_mode_max                 = var.memory_mode_max
  delta_flush_ms                  = var.delta_flush_ms
  checkpoint_ms                   = var.checkpoint_ms
  model_primary                   = var.model_primary
  model_fallback                  = var.model_fallback
  allowed_origins                 = var.allowed_origins
  apple_client_ids                = local.apple_client_ids
  websocket_throttle              = var.websocket_throttle
  api_domain                      = var.api_domain
  export_retention_hours          = var.export_retention_hours
  log_retention_days              = var.log_retention_days
  enable_xray_tracing             = var.enable_xray_tracing
  manage_apigw_account_role       = var.manage_apigw_account_role
  tags                            = var.tags
}

module "monitoring" {
  source = "./modules/monitoring"

  name_prefix             = local.prefix
  aws_context             = local.aws_context
  environment             = var.environment
  alarm_level             = var.alarm_level
  alarm_email             = var.alarm_email
  kms_key_arn             = module.secrets.kms_key_arn
  functions               = merge(module.lambda.function_timeouts, module.cognito.trigger_function_timeouts)
  websocket_api_id        = module.lambda.websocket_api_id
  websocket_stage_name    = module.lambda.websocket_stage_name
  table_names             = module.dynamodb.table_names
  queue_names             = module.lambda.queue_names
  dead_letter_queue_names = module.lambda.dead_letter_queue_names
  neptune                 = local.watched_graph
  tags                    = var.tags
}
