mock_provider "aws" {}

variables {
  name_prefix          = "innerworld-prod"
  model_secret_readers = ["innerworld-prod-turn-worker", "innerworld-prod-session-processor"]
  apple_secret_readers = ["innerworld-prod-privacy-worker"]
  function_roles = [
    "innerworld-prod-turn-worker", "innerworld-prod-session-processor", "innerworld-prod-privacy-worker",
    "innerworld-prod-authorizer",
  ]
  aws_context = {
    partition  = "aws"
    region     = "us-east-1"
    account_id = "123456789012"
  }
}

run "keys_that_are_given_are_written_once" {
  command = plan

  variables {
    openrouter_api_key = "an-invented-key"
    apple_signin = {
      team_id     = "ABCDE12345"
      key_id      = "FGHIJ67890"
      client_id   = "com.gauntletai.innerworld"
      private_key = "an invented key"
    }
  }

  assert {
    condition     = nonsensitive(jsondecode(aws_secretsmanager_secret_version.this["model"].secret_string)).api_key == "an-invented-key"
    error_message = "The key of the model provider must be the one that was given."
  }

  assert {
    condition = nonsensitive(jsondecode(aws_secretsmanager_secret_version.this["apple"].secret_string)) == {
      client_id   = "com.gauntletai.innerworld"
      key_id      = "FGHIJ67890"
      private_key = "an invented key"
      team_id     = "ABCDE12345"
    }
    error_message = "Apple's key must be the one that was given, with the field names that the program reads."
  }

  assert {
    condition     = issensitive(aws_secretsmanager_secret_version.this["model"].secret_string)
    error_message = "A key must not be shown in a plan."
  }
}

run "no_reader_of_the_models_key_is_refused" {
  command = plan

  variables {
    model_secret_readers = []
  }

  expect_failures = [var.model_secret_readers]
}

run "no_reader_of_apples_key_is_refused" {
  command = plan

  variables {
    apple_secret_readers = []
  }

  expect_failures = [var.apple_secret_readers]
}

run "a_key_with_a_space_is_refused" {
  command = plan

  variables {
    openrouter_api_key = "put your key here"
  }

  expect_failures = [var.openrouter_api_key]
}

run "a_team_that_is_none_of_apples_is_refused" {
  command = plan

  variables {
    apple_signin = {
      team_id     = "my team"
      key_id      = "FGHIJ67890"
      client_id   = "com.gauntletai.innerworld"
      private_key = "an invented key"
    }
  }

  expect_failures = [var.apple_signin]
}

run "a_client_without_a_dot_is_refused" {
  command = plan

  variables {
    apple_signin = {
      team_id     = "ABCDE12345"
      key_id      = "FGHIJ67890"
      client_id   = "innerworld"
      private_key = "an invented key"
    }
  }

  expect_failures = [var.apple_signin]
}

run "no_role_of_a_function_is_refused" {
  command = plan

  variables {
    function_roles = []
  }

  expect_failures = [var.function_roles]
}
