variable "environment" {
  description = "Which environment is declared."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "There are dev, staging and prod."
  }
}

variable "alerts_token" {
  description = "Bearer token that the monitoring system sends."
  type        = string
  default     = null
  ephemeral   = true
  sensitive   = true
}

variable "alerts_token_version" {
  description = "Another number sends the token again."
  type        = number
  default     = 1
}
