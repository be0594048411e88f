-- Tokens have a name people choose (clients of the classic API give none), may end by themselves, and change their secret
-- without an outage: after a rotation the secret before is good until old_secret_valid_until.
ALTER TABLE tokens ADD COLUMN name text;
CREATE UNIQUE INDEX tokens_name_key ON tokens (name) WHERE name IS NOT NULL;
-- Unix seconds; 0 is never.
ALTER TABLE tokens ADD COLUMN expires_at bigint NOT NULL DEFAULT 0 CHECK (expires_at >= 0);

ALTER TABLE tokens ADD COLUMN secret_created_at timestamptz NOT NULL DEFAULT now();
UPDATE tokens SET secret_created_at = created_at;
ALTER TABLE tokens ADD COLUMN secret_used_at timestamptz;
UPDATE tokens SET secret_used_at = last_login_at;
-- Whether the token itself asked for its present secret, as CI does, and not somebody who manages tokens.
ALTER TABLE tokens ADD COLUMN secret_by_itself boolean NOT NULL DEFAULT false;
-- All null unless a rotation's grace runs, or ran out and nobody has rotated since.
ALTER TABLE tokens ADD COLUMN old_secret_hash text;
ALTER TABLE tokens ADD COLUMN old_secret_created_at timestamptz;
ALTER TABLE tokens ADD COLUMN old_secret_used_at timestamptz;
ALTER TABLE tokens ADD COLUMN old_secret_valid_until timestamptz;
