output "user_pool_id" {
  description = "Id of the pool."
  value       = aws_cognito_user_pool.this.id
}

output "user_pool_arn" {
  description = "ARN of the pool."
  value       = aws_cognito_user_pool.this.arn
}

output "client_id" {
  description = "Id of the app's client."
  value       = aws_cognito_user_pool_client.this.id
}

output "issuer" {
  description = "Who issues the tokens, as they say it."
  value       = local.issuer
}

output "jwks_url" {
  description = "Where the keys of the tokens are."
  value       = "${local.issuer}/.well-known/jwks.json"
}

output "hosted_domain" {
  description = "Address of the hosted sign-in pages; null without Sign in with Apple."
  value       = local.has_apple ? "https://${local.domain}.auth.${var.aws_context.region}.amazoncognito.com" : null
}

output "trigger_function_names" {
  description = "Names of the trigger functions, by short name."
  value       = module.triggers.function_names
}

output "trigger_function_timeouts" {
  description = "Seconds after which each trigger function is ended, by short name."
  value       = module.triggers.function_timeouts
}
