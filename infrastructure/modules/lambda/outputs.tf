output "function_names" {
  description = "Names of the functions by their names without the prefix."
  value       = { for name, function in aws_lambda_function.this : name => function.function_name }
}

output "function_arns" {
  description = "ARNs of the functions by their names without the prefix."
  value       = { for name in keys(local.functions) : name => local.function_arns[name] }
}

output "function_timeouts" {
  description = "Seconds after which each function is ended, by their names without the prefix."
  value       = { for name, function in local.functions : name => function.timeout_s }
}

output "role_names" {
  description = "Names of the functions' roles by the functions' names without the prefix."
  value       = { for name, role in aws_iam_role.function : name => role.name }
}

output "log_group_names" {
  description = "Log groups of the functions by their names without the prefix."
  value       = { for name, group in aws_cloudwatch_log_group.function : name => group.name }
}

output "websocket_api_id" {
  description = "Id of the WebSocket API."
  value       = aws_apigatewayv2_api.websocket.id
}

output "websocket_stage_name" {
  description = "Stage of the WebSocket API."
  value       = aws_apigatewayv2_stage.websocket.name
}

output "websocket_url" {
  description = "Where sockets are opened: wss, with the stage."
  value       = "${aws_apigatewayv2_api.websocket.api_endpoint}/${local.stage}"
}

output "websocket_endpoint" {
  description = "Where functions post to sockets: https, with the stage."
  value       = local.websocket_endpoint
}

output "authorizer_id" {
  description = "Id of the authoriser of the WebSocket API."
  value       = aws_apigatewayv2_authorizer.websocket.id
}

output "http_api_id" {
  description = "Id of the HTTP API."
  value       = aws_apigatewayv2_api.http.id
}

output "http_api_url" {
  description = "Where the HTTP API is."
  value       = aws_apigatewayv2_api.http.api_endpoint
}

output "health_check_url" {
  description = "Where the deployment says how it is."
  value       = "${aws_apigatewayv2_api.http.api_endpoint}/health"
}

output "api_domain_targets" {
  description = "What own names must point to, as aliases: names, with their zones; empty without an own domain."
  value = { for of, domain in aws_apigatewayv2_domain_name.this : domain.domain_name => {
    name    = one(domain.domain_name_configuration).target_domain_name
    zone_id = one(domain.domain_name_configuration).hosted_zone_id
  } }
}

output "queue_names" {
  description = "Names of the queues between functions, and of turn-failures, by their short names."
  value       = local.queue_names
}

output "queue_arns" {
  description = "ARNs of the queues between functions, and of turn-failures, by their short names."
  value       = { for name in keys(local.queue_names) : name => "${local.arn.sqs}:${local.queue_names[name]}" }
}

output "dead_letter_queue_names" {
  description = "Names of the queues of what failed for good, by their short names."
  value       = local.dead_letter_queue_names
}

output "export_bucket" {
  description = "Name of the bucket of exports."
  value       = aws_s3_bucket.exports.id
}
