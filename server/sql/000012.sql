-- oldest-program: 9
-- Keys of webhooks by which their input knows that one comes again. Of a key only a keyed hash is kept, until its window is over.
-- A server that does not know it yet delivers repetitions as before.
-- No reference to the input: it would be looked up, and locked, for each webhook; what is left over of an input expires.
CREATE TABLE webhook_keys (
  input_id uuid NOT NULL,
  -- Half of an HMAC-SHA-256 under a secret of the installation.
  key uuid NOT NULL,
  -- The first webhook with the key in its window.
  webhook_id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (input_id, key)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX webhook_keys_expired ON webhook_keys (expires_at);
