output "api_endpoints" {
  description = "Addresses of the APIs as JSON text, for `terraform output -raw`: health_check_url, http_api_url, websocket_url."
  value       = jsonencode(local.endpoints)
}

output "endpoints" {
  description = "The same as an object."
  value       = local.endpoints
}

output "websocket_api_id" {
  description = "Id of the WebSocket API."
  value       = module.lambda.websocket_api_id
}

output "authorizer_id" {
  description = "Id of the authoriser of the WebSocket API."
  value       = module.lambda.authorizer_id
}

output "http_api_id" {
  description = "Id of the HTTP API."
  value       = module.lambda.http_api_id
}

output "api_domain_targets" {
  description = "What own names must point to, as aliases; empty without an own domain."
  value       = module.lambda.api_domain_targets
}

output "user_pool_id" {
  description = "Id of the user pool."
  value       = module.cognito.user_pool_id
}

output "user_pool_client_id" {
  description = "Id of the app's client of the pool."
  value       = module.cognito.client_id
}

output "issuer" {
  description = "Who issues the tokens, as they say it."
  value       = module.cognito.issuer
}

output "jwks_url" {
  description = "Where the keys of the tokens are."
  value       = module.cognito.jwks_url
}

output "hosted_domain" {
  description = "Address of the hosted sign-in pages; null without Sign in with Apple."
  value       = module.cognito.hosted_domain
}

output "function_names" {
  description = "Names of all functions, by their names without the prefix."
  value       = merge(module.lambda.function_names, module.cognito.trigger_function_names)
}

output "table_names" {
  description = "Names of the tables, by short name."
  value       = module.dynamodb.table_names
}

output "stream_arns" {
  description = "ARNs of the tables' streams, by short name; null without streams."
  value       = module.dynamodb.stream_arns
}

output "queue_names" {
  description = "Names of the queues, by short name."
  value       = module.lambda.queue_names
}

output "dead_letter_queue_names" {
  description = "Names of the queues of what failed for good, by short name."
  value       = module.lambda.dead_letter_queue_names
}

output "export_bucket" {
  description = "Name of the bucket of exports."
  value       = module.lambda.export_bucket
}

output "kms_alias_name" {
  description = "Name of the product's key."
  value       = module.secrets.kms_alias_name
}

output "model_secret_id" {
  description = "Name of the model provider's secret."
  value       = module.secrets.model_secret_id
}

output "apple_secret_id" {
  description = "Name of the secret of Sign in with Apple."
  value       = module.secrets.apple_secret_id
}

output "vpc_id" {
  description = "The VPC; null without one."
  value       = one(module.networking[*].vpc_id)
}

output "neptune_security_group_id" {
  description = "Security group of the graph; null without a VPC."
  value       = one(module.networking[*].neptune_security_group_id)
}

output "neptune_cluster_identifier" {
  description = "Name of the graph's cluster; null without one."
  value       = one(module.neptune[*].cluster_identifier)
}

output "neptune_cluster_resource_id" {
  description = "Id by which policies name the graph's cluster; null without one."
  value       = one(module.neptune[*].cluster_resource_id)
}

output "neptune_endpoint" {
  description = "Host of the graph that takes writes; null without one."
  value       = one(module.neptune[*].endpoint)
}

output "neptune_reader_endpoint" {
  description = "Host of the graph's readers; null without a graph."
  value       = one(module.neptune[*].reader_endpoint)
}

output "alarm_topic_arn" {
  description = "Topic that alarms are sent to."
  value       = module.monitoring.topic_arn
}

output "alarm_names" {
  description = "Names of all alarms."
  value       = module.monitoring.alarm_names
}

output "alarms_price" {
  description = "How many alarms there are, and what they cost a month."
  value       = module.monitoring.alarms_price
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = module.monitoring.dashboard_name
}
