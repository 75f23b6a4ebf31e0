# Functions of what follows a talk.

locals {
  functions_after = {
    session-processor = {
      trigger   = "queue"
      queue     = "session-ended"
      in_vpc    = false
      timeout_s = 300
      memory_mb = 1024
      purpose   = "memory"

      environment = [
        "ENVIRONMENT", "DEBUG", "LIVE_CONVERSATIONS_TABLE", "WEBSOCKET_CONNECTIONS_TABLE",
        "SESSIONS_TABLE", "TEENS_TABLE", "MEMORY_TABLE", "TEEN_KEYS_TABLE", "TEEN_KEY_KMS_ID",
        "WEBSOCKET_ENDPOINT", "GRAPH_BACKEND", "GRAPH_READER_FUNCTION", "GRAPH_QUEUE_URL",
        "GRAPH_DAYS", "EVIDENCE_DAYS", "MEMORY_MODE_MAX", "MODEL_SECRET_ID", "MODEL_PRIMARY",
        "MODEL_FALLBACK",
      ]

      # The service's own keys are read by an update that makes what is not there.
      rights = [
        { on = "table/live-conversations", actions = [
          "dynamodb:Query", "dynamodb:BatchWriteItem",
        ] },
        { on = "table/websocket-connections", actions = ["dynamodb:GetItem"] },
        { on = "table/sessions", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
          "dynamodb:BatchWriteItem",
        ] },
        { on = "table/teens", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
          "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem",
        ] },
        { on = "table/memory", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem",
          "dynamodb:ConditionCheckItem",
        ] },
        { on = "table/teen-keys", actions = [
          "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem",
        ] },
        { on = "key/product?context=user_id", actions = ["kms:Decrypt", "kms:GenerateDataKey"] },
        { on = "secret/openai/api-key", actions = ["secretsmanager:GetSecretValue"] },
        { on = "websocket/connections", actions = ["execute-api:ManageConnections"] },
        { on = "function/graph-reader", actions = ["lambda:InvokeFunction"] },
        { on = "queue/graph-writes", actions = ["sqs:SendMessage"] },
        { on = "queue/session-ended", actions = [
          "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
          "sqs:ChangeMessageVisibility",
        ] },
      ]
    }

    session-sweeper = {
      trigger   = "schedule"
      queue     = "safety-spool"
      in_vpc    = false
      timeout_s = 55
      memory_mb = 256
      purpose   = "realtime-chat"

      environment = [
        "ENVIRONMENT", "DEBUG", "LIVE_CONVERSATIONS_TABLE", "WEBSOCKET_CONNECTIONS_TABLE",
        "SESSION_CONTEXT_TABLE", "SESSIONS_TABLE", "TEENS_TABLE", "MEMORY_TABLE",
        "TEEN_KEYS_TABLE", "COUNTERS_TABLE", "TEEN_KEY_KMS_ID", "SAFETY_SPOOL_URL",
        "WEBSOCKET_ENDPOINT", "TURN_WORKER_FUNCTION", "SESSION_QUEUE_URL", "PRIVACY_QUEUE_URL",
        "GRAPH_QUEUE_URL", "GRAPH_READER_FUNCTION", "GRAPH_BACKEND", "GRAPH_DAYS",
      ]

      # It ends turns and sessions, and deletes what expired of them. In a new deployment it runs
      # before all others: then it makes the service's keys.
      rights = [
        { on = "table/sessions/index/SweepIndex", actions = ["dynamodb:Query"] },
        { on = "table/teens/index/SweepIndex", actions = ["dynamodb:Query"] },
        { on = "table/sessions", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
          "dynamodb:DeleteItem", "dynamodb:BatchWriteItem",
        ] },
        { on = "table/live-conversations", actions = [
          "dynamodb:PutItem", "dynamodb:BatchWriteItem",
        ] },
        { on = "table/websocket-connections", actions = ["dynamodb:GetItem"] },
        { on = "table/session-context", actions = ["dynamodb:GetItem", "dynamodb:PutItem"] },
        { on = "table/teens", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
          "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem",
        ] },
        { on = "table/memory", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem",
          "dynamodb:ConditionCheckItem",
        ] },
        { on = "table/teen-keys", actions = [
          "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem",
        ] },
        { on = "table/counters", actions = ["dynamodb:PutItem", "dynamodb:UpdateItem"] },
        { on = "key/product?context=user_id", actions = ["kms:Decrypt", "kms:GenerateDataKey"] },
        { on = "function/turn-worker", actions = ["lambda:InvokeFunction"] },
        { on = "function/graph-reader", actions = ["lambda:InvokeFunction"] },
        { on = "websocket/connections", actions = ["execute-api:ManageConnections"] },
        { on = "queue/session-ended", actions = ["sqs:SendMessage"] },
        { on = "queue/privacy-jobs", actions = ["sqs:SendMessage"] },
        { on = "queue/graph-writes", actions = ["sqs:SendMessage"] },
        { on = "queue/safety-spool", actions = ["sqs:SendMessage"] },
        { on = "queue/safety-spool", actions = [
          "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
          "sqs:ChangeMessageVisibility",
        ] },
      ]
    }
  }
}
