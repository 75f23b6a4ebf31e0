resource "aws_dynamodb_table" "this" {
  # checkov:skip=CKV_AWS_28:privacy: what lives for a day at most is in no backup
  # checkov:skip=CKV_AWS_119:sealed: what is personal is sealed under a key of the teen before it comes here
  for_each = local.tables

  name                        = "${var.name_prefix}-${each.key}"
  billing_mode                = var.billing_mode
  deletion_protection_enabled = var.deletion_protection
  hash_key                    = each.value.hash
  range_key                   = each.value.range
  read_capacity               = local.min_capacity.read
  stream_enabled              = local.streams
  stream_view_type            = local.stream_view
  write_capacity              = local.min_capacity.write
  tags                        = merge(var.tags, { Purpose = each.value.purpose })

  dynamic "attribute" {
    for_each = each.value.keys

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes

    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.hash
      non_key_attributes = length(global_secondary_index.value.also) > 0 ? global_secondary_index.value.also : null
      projection_type    = length(global_secondary_index.value.also) > 0 ? "INCLUDE" : "KEYS_ONLY"
      range_key          = global_secondary_index.value.range
      read_capacity      = local.min_capacity.read
      write_capacity     = local.min_capacity.write
    }
  }

  point_in_time_recovery {
    enabled                 = each.value.recovery_days != null
    recovery_period_in_days = each.value.recovery_days
  }

  dynamic "replica" {
    for_each = var.replica_regions

    content {
      region_name    = replica.value
      propagate_tags = true
    }
  }

  server_side_encryption {
    # Not enabled means DynamoDB's own key. There is no table without encryption.
    enabled     = var.encrypt_with_kms_key
    kms_key_arn = var.encrypt_with_kms_key ? var.kms_key_arn : null
  }

  dynamic "ttl" {
    for_each = toset(each.value.expires ? ["expires_at"] : [])

    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  lifecycle {
    # Scaling moves these. An index is moved too, and an apply sets it back to the minimum: choose that high enough.
    ignore_changes = [read_capacity, write_capacity]

    precondition {
      condition     = !(local.is_copied && var.encrypt_with_kms_key)
      error_message = "Tables with copies in other regions cannot be encrypted by this region's key: leave out replica_regions or encrypt_tables_with_product_key."
    }
  }
}
