-- oldest-program: 7
-- Crons send webhooks into their bucket by a schedule. What people say of them is in settings, by the names of attributes.
CREATE TABLE crons (
  id uuid PRIMARY KEY,
  bucket_id uuid NOT NULL REFERENCES buckets ON DELETE CASCADE,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  settings jsonb NOT NULL,
  managed_by text NOT NULL DEFAULT '',
  -- The bucket was made with the cron, by the classic API, and goes with it.
  owns_bucket boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  -- The state of its runs, no change of the catalog. Unix milliseconds; null: no run is to come, there was none.
  next_run_ms bigint,
  last_run_ms bigint,
  UNIQUE (bucket_id, name)
);
CREATE INDEX crons_due ON crons (next_run_ms) WHERE next_run_ms IS NOT NULL;
