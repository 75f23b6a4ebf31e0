locals {
  tags = merge(var.tags, { Purpose = "identity" })

  # That there is a key is no secret; what it is stays one.
  has_apple = nonsensitive(var.apple_signin != null)
  apple     = toset(local.has_apple ? ["this"] : [])

  # Names of hosted domains are unique in a region over all accounts. A hash keeps the account's number out of it.
  domain = "${var.name_prefix}-${substr(sha256("${var.aws_context.account_id}/${var.aws_context.region}"), 0, 8)}"

  # An identity of SES is an address, which mails come from, or a domain, of which an address has to be named.
  identity = var.ses_identity_arn == null ? "" : split(":identity/", var.ses_identity_arn)[1]
  sender = (
    local.identity == "" ? null :
    strcontains(local.identity, "@") ? local.identity : "no-reply@${local.identity}"
  )

  issuer = "https://cognito-idp.${var.aws_context.region}.amazonaws.com/${aws_cognito_user_pool.this.id}"
}

module "triggers" {
  source = "./cognito_triggers"

  name_prefix                     = var.name_prefix
  aws_context                     = var.aws_context
  environment                     = var.environment
  debug                           = var.debug
  architecture                    = var.architecture
  package_dir                     = var.package_dir
  table_names                     = var.table_names
  encrypt_tables_with_product_key = var.encrypt_tables_with_product_key
  kms_key_arn                     = var.kms_key_arn
  kms_alias_name                  = var.kms_alias_name
  log_retention_days              = var.log_retention_days
  enable_xray_tracing             = var.enable_xray_tracing
  user_pool_arn                   = aws_cognito_user_pool.this.arn
  tags                            = var.tags
}

# No attribute of our own: one could never be removed again. A birth date is told at sign-up as validation data, which
# the pool does not keep.
resource "aws_cognito_user_pool" "this" {
  name                     = "${var.name_prefix}-users"
  auto_verified_attributes = ["email"]
  deletion_protection      = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  mfa_configuration        = "OPTIONAL"
  user_pool_tier           = var.tier
  username_attributes      = ["email"]
  tags                     = local.tags

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  admin_create_user_config {
    allow_admin_create_user_only = false
  }

  email_configuration {
    email_sending_account = var.ses_identity_arn == null ? "COGNITO_DEFAULT" : "DEVELOPER"
    from_email_address    = local.sender
    source_arn            = var.ses_identity_arn
  }

  lambda_config {
    custom_message    = module.triggers.function_arns["cognito-custom-message"]
    post_confirmation = module.triggers.function_arns["cognito-post-confirmation"]
    pre_sign_up       = module.triggers.function_arns["cognito-pre-sign-up"]
  }

  # Length beats rules of composition, which make passwords that are hard to remember and easy to guess.
  password_policy {
    minimum_length                   = 12
    require_lowercase                = false
    require_numbers                  = false
    require_symbols                  = false
    require_uppercase                = false
    temporary_password_validity_days = 7
  }

  software_token_mfa_configuration {
    enabled = true
  }

  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  # Only the dearest plan has it.
  dynamic "user_pool_add_ons" {
    for_each = toset(var.tier == "PLUS" ? ["ENFORCED"] : [])

    content {
      advanced_security_mode = user_pool_add_ons.value
    }
  }

  username_configuration {
    case_sensitive = false
  }

  verification_message_template {
    default_email_option = "CONFIRM_WITH_CODE"
  }
}

# The app is public: it has no secret that it could keep.
resource "aws_cognito_user_pool_client" "this" {
  name                                 = "${var.name_prefix}-app"
  user_pool_id                         = aws_cognito_user_pool.this.id
  access_token_validity                = 60
  allowed_oauth_flows                  = local.has_apple ? ["code"] : null
  allowed_oauth_flows_user_pool_client = local.has_apple
  allowed_oauth_scopes                 = local.has_apple ? ["openid", "aws.cognito.signin.user.admin"] : null
  callback_urls                        = local.has_apple ? var.redirect_urls : null
  enable_token_revocation              = true
  explicit_auth_flows = concat(
    ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    var.password_flow ? ["ALLOW_USER_PASSWORD_AUTH"] : []
  )
  generate_secret               = false
  id_token_validity             = 60
  logout_urls                   = local.has_apple ? var.redirect_urls : null
  prevent_user_existence_errors = "ENABLED"
  read_attributes               = ["email", "email_verified", "locale"]
  refresh_token_validity        = 30
  supported_identity_providers  = concat(["COGNITO"], [for provider in aws_cognito_identity_provider.apple : provider.provider_name])

  # The birth date is not among them: nobody can put one where it would stay.
  write_attributes = ["email", "locale"]

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }
}
