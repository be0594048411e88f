-- Secrets that all servers share, random, each wrapped by the key-encryption key named in kek_id. Used where no key file
-- gives the servers a common secret.
CREATE TABLE installation_secrets (
  name text PRIMARY KEY,
  kek_id text NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
