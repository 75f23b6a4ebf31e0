output "function_names" {
  description = "Names of the functions, by short name."
  value       = { for name in keys(local.functions) : name => "${var.name_prefix}-${name}" }
}

# Built from names, so that the pool can name them before they have been made; it is made after them all the same.
output "function_arns" {
  description = "ARNs of the functions, by short name."
  value       = local.function_arns

  depends_on = [aws_lambda_function.this]
}

output "function_timeouts" {
  description = "Seconds after which each function is ended, by short name."
  value       = { for name in keys(local.functions) : name => local.timeout }
}
