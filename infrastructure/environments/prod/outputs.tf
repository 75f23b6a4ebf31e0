output "api_endpoints" {
  description = "Addresses of the APIs as JSON text, for `terraform output -raw`: health_check_url, http_api_url, websocket_url."
  value       = module.innerworld.api_endpoints
}

output "endpoints" {
  description = "The same as an object."
  value       = module.innerworld.endpoints
}

output "websocket_api_id" {
  description = "Id of the WebSocket API."
  value       = module.innerworld.websocket_api_id
}

output "authorizer_id" {
  description = "Id of the authoriser of the WebSocket API."
  value       = module.innerworld.authorizer_id
}

output "http_api_id" {
  description = "Id of the HTTP API."
  value       = module.innerworld.http_api_id
}

output "api_domain_targets" {
  description = "What own names must point to, as aliases; empty without an own domain."
  value       = module.innerworld.api_domain_targets
}

output "user_pool_id" {
  description = "Id of the user pool."
  value       = module.innerworld.user_pool_id
}

output "user_pool_client_id" {
  description = "Id of the app's client of the pool."
  value       = module.innerworld.user_pool_client_id
}

output "issuer" {
  description = "Who issues the tokens, as they say it."
  value       = module.innerworld.issuer
}

output "jwks_url" {
  description = "Where the keys of the tokens are."
  value       = module.innerworld.jwks_url
}

output "hosted_domain" {
  description = "Address of the hosted sign-in pages; null without Sign in with Apple."
  value       = module.innerworld.hosted_domain
}

output "function_names" {
  description = "Names of all functions, by their names without the prefix."
  value       = module.innerworld.function_names
}

output "table_names" {
  description = "Names of the tables, by short name."
  value       = module.innerworld.table_names
}

output "stream_arns" {
  description = "ARNs of the tables' streams, by short name; null without streams."
  value       = module.innerworld.stream_arns
}

output "queue_names" {
  description = "Names of the queues, by short name."
  value       = module.innerworld.queue_names
}

output "dead_letter_queue_names" {
  description = "Names of the queues of what failed for good, by short name."
  value       = module.innerworld.dead_letter_queue_names
}

output "export_bucket" {
  description = "Name of the bucket of exports."
  value       = module.innerworld.export_bucket
}

output "kms_alias_name" {
  description = "Name of the product's key."
  value       = module.innerworld.kms_alias_name
}

output "model_secret_id" {
  description = "Name of the model provider's secret."
  value       = module.innerworld.model_secret_id
}

output "apple_secret_id" {
  description = "Name of the secret of Sign in with Apple."
  value       = module.innerworld.apple_secret_id
}

output "vpc_id" {
  description = "The VPC; null without one."
  value       = module.innerworld.vpc_id
}

output "neptune_security_group_id" {
  description = "Security group of the graph; null without a VPC."
  value       = module.innerworld.neptune_security_group_id
}

output "neptune_cluster_identifier" {
  description = "Name of the graph's cluster; null without one."
  value       = module.innerworld.neptune_cluster_identifier
}

output "neptune_cluster_resource_id" {
  description = "Id by which policies name the graph's cluster; null without one."
  value       = module.innerworld.neptune_cluster_resource_id
}

output "neptune_endpoint" {
  description = "Host of the graph that takes writes; null without one."
  value       = module.innerworld.neptune_endpoint
}

output "neptune_reader_endpoint" {
  description = "Host of the graph's readers; null without a graph."
  value       = module.innerworld.neptune_reader_endpoint
}

output "alarm_topic_arn" {
  description = "Topic that alarms are sent to."
  value       = module.innerworld.alarm_topic_arn
}

output "alarm_names" {
  description = "Names of all alarms."
  value       = module.innerworld.alarm_names
}

output "alarms_price" {
  description = "How many alarms there are, and what they cost a month."
  value       = module.innerworld.alarms_price
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = module.innerworld.dashboard_name
}
