output "kms_key_arn" {
  description = "ARN of the product's key."
  value       = aws_kms_key.this.arn
}

output "kms_key_id" {
  description = "Id of the product's key."
  value       = aws_kms_key.this.key_id
}

output "kms_alias_name" {
  description = "Name of the product's key, by which functions call it."
  value       = local.alias_name
}

output "model_secret_id" {
  description = "Name of the model provider's secret."
  value       = local.secrets.model.name
}

output "model_secret_arn" {
  description = "ARN of the model provider's secret."
  value       = aws_secretsmanager_secret.this["model"].arn
}

output "model_secret_arn_pattern" {
  description = "ARN of the model provider's secret as policies name it: the six characters at its end are not known beforehand."
  value       = "${local.secret_arns}:${local.secrets.model.name}-??????"
}

output "apple_secret_id" {
  description = "Name of the secret of Sign in with Apple."
  value       = local.secrets.apple.name
}

output "apple_secret_arn" {
  description = "ARN of the secret of Sign in with Apple."
  value       = aws_secretsmanager_secret.this["apple"].arn
}

output "apple_secret_arn_pattern" {
  description = "ARN of the secret of Sign in with Apple as policies name it: the six characters at its end are not known beforehand."
  value       = "${local.secret_arns}:${local.secrets.apple.name}-??????"
}
