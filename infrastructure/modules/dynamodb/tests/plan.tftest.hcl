mock_provider "aws" {}

variables {
  name_prefix = "innerworld-prod"
  aws_context = {
    partition  = "aws"
    region     = "us-east-1"
    account_id = "123456789012"
  }
}

run "the_eight_tables_have_the_keys_that_the_program_expects" {
  command = plan

  assert {
    condition = {
      for name, table in aws_dynamodb_table.this : table.name => "${table.hash_key}/${table.range_key == null ? "" : table.range_key}"
      } == {
      "innerworld-prod-live-conversations"    = "conversation_id/message_sequence"
      "innerworld-prod-websocket-connections" = "connection_id/"
      "innerworld-prod-session-context"       = "user_id/session_id"
      "innerworld-prod-sessions"              = "session_id/item"
      "innerworld-prod-teens"                 = "user_id/item"
      "innerworld-prod-memory"                = "user_id/item"
      "innerworld-prod-teen-keys"             = "user_id/"
      "innerworld-prod-counters"              = "counter/bucket"
    }
    error_message = "The tables must have the names and keys that the program expects."
  }

  assert {
    condition = merge([
      for name, table in aws_dynamodb_table.this : {
        for index in table.global_secondary_index : "${name}/${index.name}" => "${index.hash_key}/${index.range_key}"
      }
      ]...) == {
      "live-conversations/SessionIndex"               = "session_id/message_sequence"
      "live-conversations/UserIndex"                  = "user_id/conversation_id"
      "websocket-connections/SessionConnectionsIndex" = "session_id/connected_at"
      "websocket-connections/UserConnectionsIndex"    = "user_id/connected_at"
      "sessions/SweepIndex"                           = "sweep_shard/sweep_at"
      "teens/SweepIndex"                              = "sweep_shard/sweep_at"
    }
    error_message = "The indexes must have the names and keys that the program expects."
  }

  assert {
    condition = alltrue(flatten([
      for name, table in aws_dynamodb_table.this : [
        for index in table.global_secondary_index :
        name == "sessions" ? index.projection_type == "INCLUDE" : index.projection_type == "KEYS_ONLY"
      ]
    ]))
    error_message = "Indexes must hold keys only, but for the one of sessions."
  }

  assert {
    condition     = one(aws_dynamodb_table.this["sessions"].global_secondary_index).non_key_attributes == toset(["user_id"])
    error_message = "The index of what is due among sessions must tell the teen."
  }

  assert {
    condition = alltrue([
      for table in aws_dynamodb_table.this : toset([for attribute in table.attribute : attribute.name]) == toset(concat(
        compact([table.hash_key, table.range_key]),
        flatten([for index in table.global_secondary_index : [index.hash_key, index.range_key]])
      ))
    ])
    error_message = "Every declared attribute must be a key of the table or of an index: DynamoDB refuses others."
  }

  assert {
    condition = toset(flatten([
      for table in aws_dynamodb_table.this : [for attribute in table.attribute : attribute.name if attribute.type == "N"]
    ])) == toset(["message_sequence", "connected_at", "sweep_at"])
    error_message = "Sequences and times must be numbers, and all other keys text."
  }
}

run "what_ends_by_itself_ends" {
  command = plan

  assert {
    condition = toset([
      for name, table in aws_dynamodb_table.this : name if length(table.ttl) > 0
      ]) == toset([
      "live-conversations", "websocket-connections", "session-context", "sessions", "teens", "memory", "counters",
    ])
    error_message = "Every table but that of the keys must let its items expire."
  }

  assert {
    condition = alltrue(flatten([
      for table in aws_dynamodb_table.this : [for ttl in table.ttl : ttl.enabled && ttl.attribute_name == "expires_at"]
    ]))
    error_message = "Items must expire by the attribute expires_at."
  }
}

run "what_must_not_outlive_its_day_is_in_no_backup" {
  command = plan

  assert {
    condition = {
      for name, table in aws_dynamodb_table.this : name => one(table.point_in_time_recovery).recovery_period_in_days
      if one(table.point_in_time_recovery).enabled
      } == {
      "teens"     = 7
      "memory"    = 7
      "teen-keys" = 7
      "counters"  = 35
    }
    error_message = "Only what lasts may be in a backup, and no longer than this."
  }

  assert {
    condition     = one(aws_dynamodb_table.this["live-conversations"].point_in_time_recovery).enabled == false
    error_message = "What was said must never be in a backup."
  }
}

run "tables_are_protected_and_encrypted_by_the_service" {
  command = plan

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : table.deletion_protection_enabled])
    error_message = "Every table must refuse to be deleted."
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : one(table.server_side_encryption).enabled == false])
    error_message = "By default tables must use DynamoDB's own key."
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : table.billing_mode == "PAY_PER_REQUEST"])
    error_message = "By default tables must be billed by request."
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : table.stream_enabled == false])
    error_message = "There must be no stream unless it is asked for."
  }

  assert {
    condition     = alltrue([for table in aws_dynamodb_table.this : length(table.replica) == 0])
    error_message = "There must be no copy in another region unless it is asked for."
  }

  assert {
    condition     = length(aws_appautoscaling_target.this) == 0 && length(aws_appautoscaling_policy.this) == 0
    error_message = "What is billed by request must not be scaled."
  }

  assert {
    condition = { for name, table in aws_dynamodb_table.this : name => table.tags.Purpose } == {
      "live-conversations"    = "realtime-chat"
      "websocket-connections" = "realtime-chat"
      "session-context"       = "realtime-chat"
      "sessions"              = "realtime-chat"
      "teens"                 = "identity"
      "memory"                = "memory"
      "teen-keys"             = "memory"
      "counters"              = "operations"
    }
    error_message = "Every table must be tagged with its purpose."
  }
}

run "names_and_arns_are_known_before_anything_is_made" {
  command = plan

  assert {
    condition     = output.table_names["teen-keys"] == "innerworld-prod-teen-keys" && length(output.table_names) == 8
    error_message = "The names of all tables must be told."
  }

  assert {
    condition     = output.table_arns["memory"] == "arn:aws:dynamodb:us-east-1:123456789012:table/innerworld-prod-memory"
    error_message = "ARNs must be built from names."
  }

  assert {
    condition     = alltrue([for arn in values(output.stream_arns) : arn == null])
    error_message = "Without streams there must be no ARN of one."
  }
}
