# Functions inside the graph's network. They hold no key of a teen.

locals {
  functions_graph = {
    graph-writer = {
      trigger   = "queue"
      queue     = "graph-writes"
      in_vpc    = true
      timeout_s = 60
      memory_mb = 512
      purpose   = "graph"

      environment = [
        "ENVIRONMENT", "DEBUG", "TEENS_TABLE", "MEMORY_TABLE", "NEPTUNE_ENDPOINT",
        "NEPTUNE_READER_ENDPOINT", "NEPTUNE_PORT", "NEPTUNE_IAM_AUTH",
      ]

      # Of teens it reads the fence, and the number that stands for the teen in the graph.
      rights = [
        { on = "graph/cluster", actions = [
          "neptune-db:ReadDataViaQuery", "neptune-db:WriteDataViaQuery",
          "neptune-db:DeleteDataViaQuery",
        ] },
        { on = "table/memory", actions = ["dynamodb:Query", "dynamodb:DeleteItem"] },
        { on = "table/teens", actions = ["dynamodb:GetItem"] },
        { on = "queue/graph-writes", actions = [
          "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
          "sqs:ChangeMessageVisibility",
        ] },
      ]
    }

    graph-reader = {
      trigger   = "invoke"
      queue     = null
      in_vpc    = true
      timeout_s = 30
      memory_mb = 512
      purpose   = "graph"

      environment = [
        "ENVIRONMENT", "DEBUG", "TEENS_TABLE", "MEMORY_TABLE", "SESSION_CONTEXT_TABLE",
        "NEPTUNE_ENDPOINT", "NEPTUNE_READER_ENDPOINT", "NEPTUNE_PORT", "NEPTUNE_IAM_AUTH",
      ]

      # A session's start is what the graph has and what waits for it, of one generation; it is stored in
      # one commit with a look at the teen's fence.
      rights = [
        { on = "graph/cluster", actions = ["neptune-db:ReadDataViaQuery"] },
        { on = "table/teens", actions = ["dynamodb:GetItem", "dynamodb:ConditionCheckItem"] },
        { on = "table/memory", actions = ["dynamodb:GetItem", "dynamodb:Query"] },
        { on = "table/session-context", actions = ["dynamodb:PutItem"] },
      ]
    }
  }
}
