output "addresses" {
  description = "Where senders post to."
  value       = { for name, input in relay_input.service : name => input.url }
}

output "agent" {
  description = "What agents log in with: key and secret."
  value       = { key = relay_token.agent.id, secret = relay_token.agent.secret }
  sensitive   = true
}
