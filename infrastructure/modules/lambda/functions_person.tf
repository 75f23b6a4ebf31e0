# Functions for what a teen asks of their account.

locals {
  functions_person = {
    account-api = {
      trigger   = "account_routes"
      queue     = null
      in_vpc    = false
      timeout_s = 29
      memory_mb = 512
      purpose   = "identity"

      environment = [
        "ENVIRONMENT", "DEBUG", "COGNITO_USER_POOL_ID", "COGNITO_USER_POOL_CLIENT_ID",
        "WEBSOCKET_CONNECTIONS_TABLE", "SESSIONS_TABLE", "TEENS_TABLE", "MEMORY_TABLE",
        "TEEN_KEYS_TABLE", "TEEN_KEY_KMS_ID", "WEBSOCKET_ENDPOINT", "ALLOWED_ORIGINS",
        "PRIVACY_QUEUE_URL", "EXPORT_BUCKET", "APPLE_CLIENT_IDS", "MODEL_PRIMARY", "GRAPH_BACKEND",
        "GRAPH_READER_FUNCTION", "GRAPH_QUEUE_URL", "GRAPH_DAYS", "MEMORY_MODE_MAX",
      ]

      # Somebody who came from another provider is found in the pool by their subject. An erase
      # destroys the key before it answers.
      rights = [
        { on = "table/teens", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
          "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem",
        ] },
        { on = "table/memory", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem",
          "dynamodb:ConditionCheckItem",
        ] },
        { on = "table/sessions", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem",
        ] },
        { on = "table/websocket-connections", actions = [
          "dynamodb:GetItem", "dynamodb:DeleteItem",
        ] },
        { on = "table/websocket-connections/index/UserConnectionsIndex", actions = [
          "dynamodb:Query",
        ] },
        # Calls of Apple that were acted upon are named under a key of the service, made at first use.
        { on = "table/teen-keys", actions = [
          "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem",
        ] },
        { on = "key/product?context=user_id", actions = ["kms:Decrypt", "kms:GenerateDataKey"] },
        { on = "userpool/product", actions = [
          "cognito-idp:AdminUserGlobalSignOut", "cognito-idp:ListUsers",
        ] },
        { on = "queue/privacy-jobs", actions = ["sqs:SendMessage"] },
        { on = "bucket/exports/objects", actions = ["s3:GetObject"] },
        # Without it S3 answers "denied" for an object that is not there.
        { on = "bucket/exports", actions = ["s3:ListBucket"] },
        { on = "function/graph-reader", actions = ["lambda:InvokeFunction"] },
        { on = "queue/graph-writes", actions = ["sqs:SendMessage"] },
        { on = "websocket/connections", actions = ["execute-api:ManageConnections"] },
      ]
    }

    privacy-worker = {
      trigger   = "queue"
      queue     = "privacy-jobs"
      in_vpc    = false
      timeout_s = 300
      memory_mb = 1024
      purpose   = "identity"

      environment = [
        "ENVIRONMENT", "DEBUG", "LIVE_CONVERSATIONS_TABLE", "WEBSOCKET_CONNECTIONS_TABLE",
        "SESSION_CONTEXT_TABLE", "SESSIONS_TABLE", "TEENS_TABLE", "MEMORY_TABLE",
        "TEEN_KEYS_TABLE", "TEEN_KEY_KMS_ID", "GRAPH_BACKEND", "GRAPH_QUEUE_URL",
        "GRAPH_READER_FUNCTION", "GRAPH_DAYS", "SESSION_QUEUE_URL", "PRIVACY_QUEUE_URL",
        "WEBSOCKET_ENDPOINT", "EXPORT_BUCKET", "COGNITO_USER_POOL_ID", "APPLE_SECRET_ID",
      ]

      # An account that came from another provider is deleted by its name, which the pool is asked
      # for.
      rights = [
        { on = "table/live-conversations", actions = ["dynamodb:Query", "dynamodb:DeleteItem"] },
        { on = "table/live-conversations/index/UserIndex", actions = ["dynamodb:Query"] },
        { on = "table/websocket-connections", actions = [
          "dynamodb:GetItem", "dynamodb:DeleteItem",
        ] },
        { on = "table/websocket-connections/index/UserConnectionsIndex", actions = [
          "dynamodb:Query",
        ] },
        { on = "table/session-context", actions = ["dynamodb:Query", "dynamodb:DeleteItem"] },
        { on = "table/sessions", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:DeleteItem",
        ] },
        { on = "table/teens", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
          "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem",
        ] },
        { on = "table/memory", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem",
        ] },
        { on = "table/teen-keys", actions = [
          "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem",
        ] },
        { on = "key/product?context=user_id", actions = ["kms:Decrypt", "kms:GenerateDataKey"] },
        { on = "userpool/product", actions = [
          "cognito-idp:AdminDeleteUser", "cognito-idp:ListUsers",
        ] },
        { on = "secret/apple/signin-key", actions = ["secretsmanager:GetSecretValue"] },
        { on = "bucket/exports/objects", actions = ["s3:PutObject", "s3:DeleteObject"] },
        { on = "websocket/connections", actions = ["execute-api:ManageConnections"] },
        { on = "function/graph-reader", actions = ["lambda:InvokeFunction"] },
        { on = "queue/session-ended", actions = ["sqs:SendMessage"] },
        { on = "queue/graph-writes", actions = ["sqs:SendMessage"] },
        { on = "queue/privacy-jobs", actions = ["sqs:SendMessage"] },
        { on = "queue/privacy-jobs", actions = [
          "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
          "sqs:ChangeMessageVisibility",
        ] },
      ]
    }
  }
}
