# Functions that open and close connections, and the one that says how the deployment is.

locals {
  functions_door = {
    authorizer = {
      trigger   = "connect_authorizer"
      queue     = null
      in_vpc    = false
      timeout_s = 5
      memory_mb = 256
      purpose   = "identity"

      environment = [
        "ENVIRONMENT", "DEBUG", "COGNITO_USER_POOL_ID", "COGNITO_USER_POOL_CLIENT_ID",
        "TEENS_TABLE", "TEEN_KEYS_TABLE", "TEEN_KEY_KMS_ID",
      ]

      # Profile and consents are sealed: whoever reads them unwraps the teen's key.
      rights = [
        { on = "table/teens", actions = [
          "dynamodb:GetItem", "dynamodb:Query", "dynamodb:DeleteItem",
        ] },
        { on = "table/teen-keys", actions = ["dynamodb:GetItem"] },
        { on = "key/product?context=user_id", actions = ["kms:Decrypt"] },
      ]
    }

    connect-handler = {
      trigger   = "connect"
      queue     = null
      in_vpc    = false
      timeout_s = 10
      memory_mb = 256
      purpose   = "realtime-chat"

      environment = [
        "ENVIRONMENT", "DEBUG", "WEBSOCKET_CONNECTIONS_TABLE", "ALLOWED_ORIGINS",
      ]

      rights = [
        { on = "table/websocket-connections", actions = ["dynamodb:PutItem"] },
      ]
    }

    disconnect-handler = {
      trigger   = "disconnect"
      queue     = null
      in_vpc    = false
      timeout_s = 10
      memory_mb = 256
      purpose   = "realtime-chat"

      environment = [
        "ENVIRONMENT", "DEBUG", "WEBSOCKET_CONNECTIONS_TABLE", "SESSIONS_TABLE",
      ]

      # The row is read as it is deleted, which asks for one right only.
      rights = [
        { on = "table/websocket-connections", actions = ["dynamodb:DeleteItem"] },
        { on = "table/sessions", actions = ["dynamodb:UpdateItem"] },
      ]
    }

    health-check = {
      trigger   = "health_route"
      queue     = null
      in_vpc    = false
      timeout_s = 10
      memory_mb = 256
      purpose   = "operations"

      environment = [
        "ENVIRONMENT", "DEBUG", "LIVE_CONVERSATIONS_TABLE", "WEBSOCKET_CONNECTIONS_TABLE",
        "SESSION_CONTEXT_TABLE", "SESSIONS_TABLE", "TEENS_TABLE", "MEMORY_TABLE",
        "TEEN_KEYS_TABLE", "COUNTERS_TABLE", "MODEL_SECRET_ID", "APPLE_SECRET_ID", "GRAPH_BACKEND",
        "GRAPH_READER_FUNCTION",
      ]

      rights = [
        { on = "table/live-conversations", actions = ["dynamodb:DescribeTable"] },
        { on = "table/websocket-connections", actions = ["dynamodb:DescribeTable"] },
        { on = "table/session-context", actions = ["dynamodb:DescribeTable"] },
        { on = "table/sessions", actions = ["dynamodb:DescribeTable"] },
        { on = "table/teens", actions = ["dynamodb:DescribeTable"] },
        { on = "table/memory", actions = ["dynamodb:DescribeTable"] },
        { on = "table/teen-keys", actions = ["dynamodb:DescribeTable"] },
        { on = "table/counters", actions = ["dynamodb:DescribeTable"] },
        { on = "secret/openai/api-key", actions = ["secretsmanager:DescribeSecret"] },
        { on = "secret/apple/signin-key", actions = ["secretsmanager:DescribeSecret"] },
        { on = "function/graph-reader", actions = ["lambda:InvokeFunction"] },
      ]
    }
  }
}
