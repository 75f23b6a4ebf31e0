mock_provider "aws" {
  mock_resource "aws_cognito_user_pool" {
    override_during = plan
    defaults = {
      id  = "us-east-1_AbCdEfGhI"
      arn = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AbCdEfGhI"
    }
  }
}

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

run "the_pool_is_the_plain_one_and_keeps_little" {
  command = plan

  assert {
    condition     = aws_cognito_user_pool.this.user_pool_tier == "LITE"
    error_message = "The tier must be named: pools without one are billed as Essentials."
  }

  assert {
    condition     = length(aws_cognito_user_pool.this.schema) == 0
    error_message = "There must be no attribute of our own: none can be removed again."
  }

  assert {
    condition     = length(aws_cognito_user_pool.this.user_pool_add_ons) == 0
    error_message = "What only the dearest tier has must not be asked for with another."
  }

  assert {
    condition     = aws_cognito_user_pool.this.deletion_protection == "ACTIVE"
    error_message = "The pool must refuse to be deleted."
  }

  assert {
    condition     = aws_cognito_user_pool.this.name == "innerworld-prod-users" && aws_cognito_user_pool.this.tags.Purpose == "identity"
    error_message = "The pool must have its name and its purpose."
  }
}

run "addresses_are_verified_and_passwords_long" {
  command = plan

  assert {
    condition     = aws_cognito_user_pool.this.auto_verified_attributes == toset(["email"])
    error_message = "An address must be verified."
  }

  assert {
    condition     = aws_cognito_user_pool.this.username_attributes == toset(["email"])
    error_message = "Somebody must sign in by their address."
  }

  assert {
    condition = (
      one(aws_cognito_user_pool.this.user_attribute_update_settings).attributes_require_verification_before_update ==
      toset(["email"])
    )
    error_message = "A new address must be verified before it takes the old one's place."
  }

  assert {
    condition     = one(aws_cognito_user_pool.this.password_policy).minimum_length == 12
    error_message = "A password must have twelve characters."
  }

  assert {
    condition = aws_cognito_user_pool.this.mfa_configuration == "OPTIONAL" && (
      one(aws_cognito_user_pool.this.software_token_mfa_configuration).enabled
    )
    error_message = "A second factor by an app must be possible and not forced."
  }

  assert {
    condition     = one(one(aws_cognito_user_pool.this.account_recovery_setting).recovery_mechanism).name == "verified_email"
    error_message = "An account must be recovered by its verified address only."
  }

  assert {
    condition     = one(aws_cognito_user_pool.this.email_configuration).email_sending_account == "COGNITO_DEFAULT"
    error_message = "Without an identity of SES mails must come from Cognito's own mailer."
  }
}

run "the_three_triggers_are_wired" {
  command = plan

  assert {
    condition = one(aws_cognito_user_pool.this.lambda_config).pre_sign_up == (
      "arn:aws:lambda:us-east-1:123456789012:function:innerworld-prod-cognito-pre-sign-up"
    )
    error_message = "The age gate must stand before sign-up."
  }

  assert {
    condition = one(aws_cognito_user_pool.this.lambda_config).post_confirmation == (
      "arn:aws:lambda:us-east-1:123456789012:function:innerworld-prod-cognito-post-confirmation"
    )
    error_message = "A teen's key must be made after confirmation."
  }

  assert {
    condition = one(aws_cognito_user_pool.this.lambda_config).custom_message == (
      "arn:aws:lambda:us-east-1:123456789012:function:innerworld-prod-cognito-custom-message"
    )
    error_message = "Mails must have the product's words."
  }

  assert {
    condition     = toset(keys(output.trigger_function_names)) == toset(["cognito-pre-sign-up", "cognito-post-confirmation", "cognito-custom-message"])
    error_message = "There must be three trigger functions."
  }

  assert {
    condition     = alltrue([for seconds in values(output.trigger_function_timeouts) : seconds == 5])
    error_message = "The pool waits five seconds for a trigger."
  }
}

run "the_apps_client_gives_nothing_away" {
  command = plan

  assert {
    condition     = aws_cognito_user_pool_client.this.generate_secret == false
    error_message = "An app can keep no secret, so its client must have none."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.explicit_auth_flows == toset(["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    error_message = "By default the password itself must never be sent, and tokens must be renewable."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.prevent_user_existence_errors == "ENABLED"
    error_message = "Nobody may find out who has an account."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.enable_token_revocation
    error_message = "Tokens must be revocable."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.write_attributes == toset(["email", "locale"])
    error_message = "A birth date must have no place where it would stay."
  }

  assert {
    condition     = length(aws_cognito_user_pool_client.this.refresh_token_rotation) == 0
    error_message = "Rotation forbids the flow by which apps renew tokens."
  }

  assert {
    condition = aws_cognito_user_pool_client.this.access_token_validity == 60 && (
      one(aws_cognito_user_pool_client.this.token_validity_units).access_token == "minutes"
    )
    error_message = "An access token must live an hour."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.supported_identity_providers == toset(["COGNITO"])
    error_message = "Without Apple the pool must be the only one that signs in."
  }
}

run "without_apple_there_are_no_hosted_pages" {
  command = plan

  assert {
    condition     = length(aws_cognito_user_pool_domain.this) == 0 && length(aws_cognito_identity_provider.apple) == 0
    error_message = "Without Apple there must be no hosted pages."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.allowed_oauth_flows_user_pool_client == false
    error_message = "Without hosted pages there must be no flow through them."
  }

  assert {
    condition     = output.hosted_domain == null
    error_message = "Hosted pages that are not there must have no address."
  }
}

run "the_issuer_is_the_pool" {
  command = plan

  assert {
    condition     = output.issuer == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI"
    error_message = "The issuer must be the one that tokens name."
  }

  assert {
    condition     = output.jwks_url == "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI/.well-known/jwks.json"
    error_message = "The keys must be where the pool publishes them."
  }
}
