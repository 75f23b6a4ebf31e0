mock_provider "aws" {}

variables {
  name_prefix    = "innerworld-prod"
  environment    = "prod"
  package_dir    = "../../tests/packages/arm64"
  kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/product"
  kms_alias_name = "alias/innerworld-prod"
  table_names    = { teens = "innerworld-prod-teens", "teen-keys" = "innerworld-prod-teen-keys" }
  aws_context = {
    partition  = "aws"
    region     = "us-east-1"
    account_id = "123456789012"
  }
}

run "apple_comes_with_hosted_pages_and_asks_for_an_address_only" {
  command = plan

  variables {
    redirect_urls = ["org.example.app://signed-in", "https://chat.example.org/signed-in"]
    apple_signin = {
      team_id     = "ABCDE12345"
      key_id      = "FGHIJ67890"
      client_id   = "org.example.app.signin"
      private_key = "an invented key"
    }
  }

  assert {
    condition = nonsensitive(aws_cognito_identity_provider.apple["this"].provider_details) == tomap({
      authorize_scopes = "email"
      client_id        = "org.example.app.signin"
      key_id           = "FGHIJ67890"
      private_key      = "an invented key"
      team_id          = "ABCDE12345"
    })
    error_message = "Apple must be given its key and asked for an address, not for a name."
  }

  assert {
    condition     = issensitive(aws_cognito_identity_provider.apple["this"].provider_details["private_key"])
    error_message = "Apple's key must not be shown in a plan."
  }

  assert {
    condition = aws_cognito_identity_provider.apple["this"].attribute_mapping == tomap({
      email    = "email"
      username = "sub"
    })
    error_message = "Only the address may be taken over from Apple."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.allowed_oauth_flows == toset(["code"])
    error_message = "Tokens must never come by an address: only a code does."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.allowed_oauth_scopes == toset(["openid", "aws.cognito.signin.user.admin"])
    error_message = "An access token must be good for asking the pool who it belongs to."
  }

  assert {
    condition = aws_cognito_user_pool_client.this.callback_urls == toset([
      "org.example.app://signed-in", "https://chat.example.org/signed-in",
    ])
    error_message = "The browser must return to the addresses asked for only."
  }

  assert {
    condition     = can(regex("^innerworld-prod-[0-9a-f]{8}$", aws_cognito_user_pool_domain.this["this"].domain))
    error_message = "The hosted pages' name must be the product's with a hash, and without the account's number."
  }

  assert {
    condition     = output.hosted_domain == "https://${aws_cognito_user_pool_domain.this["this"].domain}.auth.us-east-1.amazoncognito.com"
    error_message = "The hosted pages' address must be told."
  }
}

run "the_password_flow_is_an_option" {
  command = plan

  variables {
    password_flow = true
  }

  assert {
    condition = aws_cognito_user_pool_client.this.explicit_auth_flows == toset([
      "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH",
    ])
    error_message = "The password flow must stand beside the one that never sends it."
  }
}

run "mails_come_from_ses_when_asked" {
  command = plan

  variables {
    ses_identity_arn = "arn:aws:ses:us-east-1:123456789012:identity/example.org"
  }

  assert {
    condition = (
      one(aws_cognito_user_pool.this.email_configuration).email_sending_account == "DEVELOPER" &&
      one(aws_cognito_user_pool.this.email_configuration).source_arn == "arn:aws:ses:us-east-1:123456789012:identity/example.org"
    )
    error_message = "Mails must come from the identity asked for."
  }

  assert {
    condition     = one(aws_cognito_user_pool.this.email_configuration).from_email_address == "no-reply@example.org"
    error_message = "Mails of a domain must come from an address of it."
  }
}

run "mails_come_from_the_address_that_ses_knows" {
  command = plan

  variables {
    ses_identity_arn = "arn:aws:ses:us-east-1:123456789012:identity/hello@example.org"
  }

  assert {
    condition     = one(aws_cognito_user_pool.this.email_configuration).from_email_address == "hello@example.org"
    error_message = "Mails must come from the address that was verified."
  }
}

run "the_dearest_tier_brings_its_protection" {
  command = plan

  variables {
    tier                = "PLUS"
    deletion_protection = false
  }

  assert {
    condition     = one(aws_cognito_user_pool.this.user_pool_add_ons).advanced_security_mode == "ENFORCED"
    error_message = "What is paid for must be on."
  }

  assert {
    condition     = aws_cognito_user_pool.this.deletion_protection == "INACTIVE"
    error_message = "Protection must be off where nobody would miss the pool."
  }
}

run "an_unknown_tier_is_refused" {
  command = plan

  variables {
    tier = "FREE"
  }

  expect_failures = [var.tier]
}

run "an_address_in_place_of_an_identity_is_refused" {
  command = plan

  variables {
    ses_identity_arn = "hello@example.org"
  }

  expect_failures = [var.ses_identity_arn]
}

run "a_redirect_without_tls_is_refused" {
  command = plan

  variables {
    redirect_urls = ["http://chat.example.org/signed-in"]
  }

  expect_failures = [var.redirect_urls]
}
