# Routes of the HTTP API, each by name: what is not named here is not there. They are those of
# docs/reference/openapi.json that a deployment has; GET /v1/dev/code belongs to one machine in its
# development mode and is none of them.

locals {
  # Anybody may ask these. What comes from Apple is signed by Apple, which its function checks.
  public_routes = [
    "GET /v1/client",
    "GET /v1/consents",
    "GET /v1/disclosure",
    "GET /v1/personas",
    "GET /v1/protocol",
    "GET /v1/safety/protocol",
    "GET /v1/safety/resources",
    "GET /v1/safety/tools",
    "POST /v1/webhooks/apple",
  ]

  # These are a teen's own.
  jwt_routes = [
    "DELETE /v1/me",
    "GET /v1/me",
    "GET /v1/me/consents",
    "PUT /v1/me/consents",
    "POST /v1/me/export",
    "GET /v1/me/exports/{id}",
    "GET /v1/me/journal",
    "POST /v1/me/journal",
    "DELETE /v1/me/journal/{id}",
    "GET /v1/me/memory",
    "POST /v1/me/memory/corrections",
    "POST /v1/me/memory/forget",
    "PUT /v1/me/memory/settings",
    "DELETE /v1/me/memory/{what}/{id}",
    "GET /v1/me/memory/{what}/{id}",
    "PATCH /v1/me/profile",
    "POST /v1/me/sign-out",
    "GET /v1/me/time",
    "GET /v1/sessions",
    "GET /v1/sessions/{id}",
    "GET /v1/sessions/{id}/turns",
    "POST /v1/tickets",
  ]

  http_routes = merge(
    { "GET /health" = { function = "health-check", authorization = "NONE" } },
    { for route in local.public_routes : route => { function = "account-api", authorization = "NONE" } },
    { for route in local.jwt_routes : route => { function = "account-api", authorization = "JWT" } },
  )
}
