terraform {
  required_providers {
    relay = {
      source = "relay.local/relay/relay"
    }
  }
}

# Address and credentials come from RELAY_API_ADDRESS, RELAY_KEY and RELAY_SECRET.
provider "relay" {}

locals {
  production = var.environment != "dev"

  services = {
    github = {
      description = "Pushes and pull requests"
      input       = "push"
      output      = "ci"
      path        = "/hooks/github"
      status_code = 202
    }
    stripe = {
      description    = "Payments"
      input          = "events"
      output         = "billing"
      path           = "/stripe"
      large_webhooks = true
    }
    alerts = {
      description = "Alerts of the monitoring system"
      input       = "fired"
      output      = "pager"
      path        = "/alerts"
      status_code = 202
      headers     = { "Content-Type" = ["text/plain"] }
      body        = "noted"
      agents      = "each"
      token       = true
    }
  }

  # Nobody is on call for development.
  served = { for name, service in local.services : name => service if local.production || name != "alerts" }
}

resource "relay_bucket" "service" {
  for_each = local.served

  name           = "shop-${each.key}"
  description    = each.value.description
  ephemeral      = !local.production
  large_webhooks = try(each.value.large_webhooks, false)

  # The token reaches the server and no state: it is write-only. Another version sends it again.
  auth = try(each.value.token, false) ? {
    type             = "token"
    token_wo         = var.alerts_token
    token_wo_version = var.alerts_token_version
  } : null
}

resource "relay_input" "service" {
  for_each = local.served

  bucket      = relay_bucket.service[each.key].id
  name        = each.value.input
  status_code = try(each.value.status_code, null)
  headers     = try(each.value.headers, null)
  body        = try(each.value.body, null)
}

resource "relay_output" "service" {
  for_each = local.served

  bucket      = relay_bucket.service[each.key].id
  name        = each.value.output
  destination = "http://${each.value.output}.${var.environment}.shop.internal:8080${each.value.path}"
  timeout     = local.production ? 60 : 10
  agents      = try(each.value.agents, null)
  headers     = { "X-Environment" = [var.environment] }
}

resource "relay_token" "agent" {
  name        = "shop-agent"
  description = "Agents of the team shop"
  scopes      = { buckets = [for bucket in relay_bucket.service : bucket.name] }
}
