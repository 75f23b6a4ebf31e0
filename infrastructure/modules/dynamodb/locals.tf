# The eight tables: what the program expects of them (crates/innerworld-aws/src/dynamo/schema.rs), as data.
locals {
  tables = {
    "live-conversations" = {
      purpose = "realtime-chat"
      keys    = { conversation_id = "S", message_sequence = "N", session_id = "S", user_id = "S" }
      hash    = "conversation_id"
      range   = "message_sequence"
      indexes = {
        SessionIndex = { hash = "session_id", range = "message_sequence", also = [] }
        UserIndex    = { hash = "user_id", range = "conversation_id", also = [] }
      }
      expires       = true
      recovery_days = null # Words of a session live a day. A backup would keep them longer.
    }

    "websocket-connections" = {
      purpose = "realtime-chat"
      keys    = { connection_id = "S", user_id = "S", session_id = "S", connected_at = "N" }
      hash    = "connection_id"
      range   = null
      indexes = {
        SessionConnectionsIndex = { hash = "session_id", range = "connected_at", also = [] }
        UserConnectionsIndex    = { hash = "user_id", range = "connected_at", also = [] }
      }
      expires       = true
      recovery_days = null
    }

    "session-context" = {
      purpose       = "realtime-chat"
      keys          = { user_id = "S", session_id = "S" }
      hash          = "user_id"
      range         = "session_id"
      indexes       = {}
      expires       = true
      recovery_days = null
    }

    "sessions" = {
      purpose = "realtime-chat"
      keys    = { session_id = "S", item = "S", sweep_shard = "S", sweep_at = "N" }
      hash    = "session_id"
      range   = "item"
      indexes = {
        SweepIndex = { hash = "sweep_shard", range = "sweep_at", also = ["user_id"] }
      }
      expires       = true
      recovery_days = null
    }

    "teens" = {
      purpose = "identity"
      keys    = { user_id = "S", item = "S", sweep_shard = "S", sweep_at = "N" }
      hash    = "user_id"
      range   = "item"
      indexes = {
        # The table's own keys are in every index: nothing more is needed here.
        SweepIndex = { hash = "sweep_shard", range = "sweep_at", also = [] }
      }
      expires       = true
      recovery_days = 7
    }

    "memory" = {
      purpose       = "memory"
      keys          = { user_id = "S", item = "S" }
      hash          = "user_id"
      range         = "item"
      indexes       = {}
      expires       = true
      recovery_days = 7
    }

    "teen-keys" = {
      purpose       = "memory"
      keys          = { user_id = "S" }
      hash          = "user_id"
      range         = null
      indexes       = {}
      expires       = false # A key ends with its account and not by a date.
      recovery_days = var.key_recovery_days
    }

    "counters" = {
      purpose       = "operations"
      keys          = { counter = "S", bucket = "S" }
      hash          = "counter"
      range         = "bucket"
      indexes       = {}
      expires       = true
      recovery_days = 35
    }
  }

  table_arns = {
    for name in keys(local.tables) : name => join(":", [
      "arn", var.aws_context.partition, "dynamodb", var.aws_context.region, var.aws_context.account_id,
      "table/${var.name_prefix}-${name}",
    ])
  }

  is_provisioned = var.billing_mode == "PROVISIONED"
  min_capacity   = local.is_provisioned ? { read = var.provisioned.read_min, write = var.provisioned.write_min } : { read = null, write = null }

  # Copies in other regions follow a stream with whole items, so one is on with them, asked for or not.
  is_copied = length(var.replica_regions) > 0
  streams   = var.enable_streams || local.is_copied
  stream_view = (
    local.is_copied ? "NEW_AND_OLD_IMAGES" :
    var.enable_streams ? "KEYS_ONLY" : null
  )
}
