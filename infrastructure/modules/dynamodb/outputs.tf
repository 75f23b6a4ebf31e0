output "table_names" {
  description = "Names of the tables, by short name."
  value       = { for name in keys(local.tables) : name => "${var.name_prefix}-${name}" }
}

output "table_arns" {
  description = "ARNs of the tables, by short name."
  value       = local.table_arns
}

output "stream_arns" {
  description = "ARNs of the tables' streams, by short name; null without streams."
  value       = { for name, table in aws_dynamodb_table.this : name => local.streams ? table.stream_arn : null }
}
