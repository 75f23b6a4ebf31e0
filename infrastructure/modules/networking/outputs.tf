output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "Subnets of the NAT gateways; none without."
  value       = [for subnet in aws_subnet.public : subnet.id]
}

output "private_subnet_ids" {
  description = "Subnets of functions."
  value       = [for subnet in aws_subnet.private : subnet.id]
}

output "database_subnet_ids" {
  description = "Subnets of the graph."
  value       = [for subnet in aws_subnet.database : subnet.id]
}

output "lambda_security_group_id" {
  description = "Security group of the functions of the graph."
  value       = aws_security_group.lambda_graph.id
}

output "lambda_internet_security_group_id" {
  description = "Security group of the other functions, where they run in the VPC; else null."
  value       = one([for group in aws_security_group.lambda_internet : group.id])
}

output "neptune_security_group_id" {
  description = "Security group of the graph."
  value       = aws_security_group.neptune.id
}
