output "topic_arn" {
  description = "Topic that alarms are sent to."
  value       = aws_sns_topic.this.arn
}

output "alarm_names" {
  description = "Names of all alarms, in order."
  value       = sort(local.alarm_names)
}

output "alarms_monthly_usd" {
  description = "What the alarms cost a month at list prices, US dollars."
  value       = local.alarms_monthly_usd
}

output "alarms_price" {
  description = "The same as a sentence: how many alarms of how many metrics, and what they cost."
  value       = local.alarms_price
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
