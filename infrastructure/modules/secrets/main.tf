# The product's key and the two secrets. The key wraps the teens' own keys and encrypts secrets, logs and alarms.

resource "aws_kms_key" "this" {
  description             = "Wraps the teens' keys of ${var.name_prefix}, and encrypts its secrets and logs."
  deletion_window_in_days = 30
  enable_key_rotation     = true
  policy                  = jsonencode(local.key_policy)
  tags                    = merge(var.tags, { Purpose = "memory" })
}

resource "aws_kms_alias" "this" {
  name          = local.alias_name
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV2_AWS_57:not applicable: nobody but its maker can change a key of another company
  for_each = local.secrets

  name                    = each.value.name
  description             = each.value.description
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 7
  tags                    = merge(var.tags, { Purpose = each.value.purpose })
}

# A first value, so that readers find one. What an operator puts afterwards stays.
resource "aws_secretsmanager_secret_version" "this" {
  for_each = local.secrets

  secret_id     = aws_secretsmanager_secret.this[each.key].id
  secret_string = jsonencode(local.first_values[each.key])

  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_secretsmanager_secret_policy" "this" {
  for_each = local.secrets

  secret_arn = aws_secretsmanager_secret.this[each.key].arn
  policy     = jsonencode(local.secret_policies[each.key])
}
