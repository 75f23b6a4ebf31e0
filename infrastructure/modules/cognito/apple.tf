# Sign in with Apple, and the pages that it needs. Without it there are none: fewer doors.
resource "aws_cognito_identity_provider" "apple" {
  for_each = local.apple

  user_pool_id  = aws_cognito_user_pool.this.id
  provider_name = "SignInWithApple"
  provider_type = "SignInWithApple"

  # The name is not asked for: the product has no use for it.
  provider_details = {
    authorize_scopes = "email"
    client_id        = var.apple_signin.client_id
    key_id           = var.apple_signin.key_id
    private_key      = var.apple_signin.private_key
    team_id          = var.apple_signin.team_id
  }

  attribute_mapping = {
    email    = "email"
    username = "sub"
  }

  lifecycle {
    # The service adds these by itself.
    ignore_changes = [
      provider_details["attributes_url_add_attributes"],
      provider_details["authorize_url"],
      provider_details["oidc_issuer"],
      provider_details["token_request_method"],
      provider_details["token_url"],
    ]
  }
}

resource "aws_cognito_user_pool_domain" "this" {
  for_each = local.apple

  domain       = local.domain
  user_pool_id = aws_cognito_user_pool.this.id
}
