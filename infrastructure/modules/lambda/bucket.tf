# Exports that teens asked for: sealed, or encrypted in the teen's name, and gone after a day.

resource "aws_s3_bucket" "exports" {
  # checkov:skip=CKV_AWS_18:by design: functions alone read here, and say so in their own logs
  # checkov:skip=CKV_AWS_21:privacy: what is deleted must be gone, so no version of it stays
  # checkov:skip=CKV_AWS_144:privacy: exports live for a day, in one place
  # checkov:skip=CKV2_AWS_62:not applicable: nobody waits for an object
  bucket = local.export_bucket

  tags = merge(var.tags, { Purpose = "identity" })
}

resource "aws_s3_bucket_public_access_block" "exports" {
  bucket = aws_s3_bucket.exports.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "exports" {
  bucket = aws_s3_bucket.exports.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "exports" {
  bucket = aws_s3_bucket.exports.id

  rule {
    # A key of the bucket's own would be asked for without the teen's name, which the functions' rights
    # demand.
    bucket_key_enabled = false

    apply_server_side_encryption_by_default {
      kms_master_key_id = var.kms_key_arn
      sse_algorithm     = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "exports" {
  bucket = aws_s3_bucket.exports.id

  rule {
    id     = "exports"
    status = "Enabled"

    # Everything: nothing else lies here.
    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }

    expiration {
      days = ceil(var.export_retention_hours / 24)
    }
  }
}

resource "aws_s3_bucket_policy" "exports" {
  bucket = aws_s3_bucket.exports.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      # Whoever it is and whatever it asks for: without TLS, nothing.
      Action = "s3:*"
      Resource = [
        "arn:${var.aws_context.partition}:s3:::${local.export_bucket}",
        "arn:${var.aws_context.partition}:s3:::${local.export_bucket}/*",
      ]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # A policy is looked at for what it opens: after the block it cannot open anything.
  depends_on = [aws_s3_bucket_public_access_block.exports]
}
