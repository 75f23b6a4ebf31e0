# Functions of a talk.

locals {
  functions_talk = {
    conversation-handler = {
      trigger   = "default"
      queue     = null
      in_vpc    = false
      timeout_s = 10
      memory_mb = 512
      purpose   = "realtime-chat"

      environment = [
        "ENVIRONMENT", "DEBUG", "LIVE_CONVERSATIONS_TABLE", "WEBSOCKET_CONNECTIONS_TABLE",
        "SESSION_CONTEXT_TABLE", "SESSIONS_TABLE", "TEENS_TABLE", "MEMORY_TABLE",
        "TEEN_KEYS_TABLE", "COUNTERS_TABLE", "TEEN_KEY_KMS_ID", "SAFETY_SPOOL_URL",
        "WEBSOCKET_ENDPOINT", "TURN_WORKER_FUNCTION", "COGNITO_USER_POOL_ID",
        "COGNITO_USER_POOL_CLIENT_ID", "SESSION_QUEUE_URL", "MEMORY_MODE_MAX", "ACCEPT_UNREVIEWED_PROTOCOL", "MODEL_SECRET_ID",
        "APPLE_SECRET_ID", "GRAPH_BACKEND", "GRAPH_READER_FUNCTION",
      ]

      # Events that a log has no room for are deleted as it grows.
      rights = [
        { on = "table/live-conversations", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem",
        ] },
        { on = "table/websocket-connections", actions = [
          "dynamodb:GetItem", "dynamodb:UpdateItem",
        ] },
        { on = "table/session-context", actions = ["dynamodb:GetItem", "dynamodb:PutItem"] },
        { on = "table/sessions", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
          "dynamodb:BatchWriteItem",
        ] },
        { on = "table/teens", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
          "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem",
        ] },
        { on = "table/memory", actions = ["dynamodb:GetItem"] },
        { on = "table/teen-keys", actions = [
          "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem",
        ] },
        { on = "table/counters", actions = [
          "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem",
        ] },
        { on = "key/product?context=user_id", actions = ["kms:Decrypt", "kms:GenerateDataKey"] },
        { on = "secret/openai/api-key", actions = ["secretsmanager:DescribeSecret"] },
        { on = "secret/apple/signin-key", actions = ["secretsmanager:DescribeSecret"] },
        { on = "function/turn-worker", actions = ["lambda:InvokeFunction"] },
        { on = "function/graph-reader", actions = ["lambda:InvokeFunction"] },
        { on = "websocket/connections", actions = ["execute-api:ManageConnections"] },
        { on = "queue/safety-spool", actions = ["sqs:SendMessage"] },
        { on = "queue/session-ended", actions = ["sqs:SendMessage"] },
      ]
    }

    turn-worker = {
      trigger   = "invoke"
      queue     = null
      in_vpc    = false
      timeout_s = 120
      memory_mb = 512
      purpose   = "realtime-chat"

      environment = [
        "ENVIRONMENT", "DEBUG", "LIVE_CONVERSATIONS_TABLE", "WEBSOCKET_CONNECTIONS_TABLE",
        "SESSION_CONTEXT_TABLE", "SESSIONS_TABLE", "TEENS_TABLE", "MEMORY_TABLE",
        "TEEN_KEYS_TABLE", "COUNTERS_TABLE", "TEEN_KEY_KMS_ID", "SAFETY_SPOOL_URL",
        "WEBSOCKET_ENDPOINT", "TURN_WORKER_FUNCTION", "DELTA_FLUSH_MS", "CHECKPOINT_MS",
        "MODEL_SECRET_ID", "MODEL_PRIMARY", "MODEL_FALLBACK", "GRAPH_BACKEND",
        "GRAPH_READER_FUNCTION", "GRAPH_DAYS", "MEMORY_MODE_MAX",
      ]

      rights = [
        { on = "table/live-conversations", actions = ["dynamodb:PutItem"] },
        # The graph as it was when the session began.
        { on = "table/session-context", actions = ["dynamodb:Query"] },
        { on = "table/sessions", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
          "dynamodb:BatchWriteItem",
        ] },
        { on = "table/teens", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
          "dynamodb:ConditionCheckItem",
        ] },
        { on = "table/memory", actions = ["dynamodb:GetItem", "dynamodb:Query"] },
        { on = "table/teen-keys", actions = [
          "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem",
        ] },
        { on = "table/counters", actions = ["dynamodb:PutItem", "dynamodb:UpdateItem"] },
        { on = "key/product?context=user_id", actions = ["kms:Decrypt", "kms:GenerateDataKey"] },
        { on = "secret/openai/api-key", actions = ["secretsmanager:GetSecretValue"] },
        { on = "function/turn-worker", actions = ["lambda:InvokeFunction"] },
        { on = "function/graph-reader", actions = ["lambda:InvokeFunction"] },
        { on = "websocket/connections", actions = ["execute-api:ManageConnections"] },
        { on = "queue/safety-spool", actions = ["sqs:SendMessage"] },
      ]
    }
  }
}
