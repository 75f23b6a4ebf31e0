output "endpoint" {
  description = "Host that takes writes."
  value       = aws_neptune_cluster.this.endpoint
}

output "reader_endpoint" {
  description = "Host of the readers; the writer answers where there are none."
  value       = aws_neptune_cluster.this.reader_endpoint
}

output "port" {
  description = "Port of both."
  value       = 8182
}

output "cluster_identifier" {
  description = "Name of the cluster."
  value       = local.cluster_identifier
}

output "cluster_resource_id" {
  description = "Id by which policies name the cluster."
  value       = aws_neptune_cluster.this.cluster_resource_id
}

output "instance_identifiers" {
  description = "Names of the instances."
  value       = [for number in keys(local.instances) : "${var.name_prefix}-neptune-${number}"]
}
