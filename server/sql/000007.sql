-- Functions: code that people wrote. `sealed` are its variables, by path, encrypted as the secrets of settings are.
CREATE TABLE functions (
  id uuid PRIMARY KEY,
  name text NOT NULL UNIQUE,
  description text NOT NULL DEFAULT '',
  driver text NOT NULL CHECK (driver IN ('js', 'lua')),
  source text NOT NULL,
  sealed jsonb NOT NULL DEFAULT '{}',
  managed_by text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Runs of functions: append-only, one partition per day. The id is a UUID version 7, made when the run ended.
CREATE TABLE executions (
  id uuid NOT NULL,
  function_id uuid NOT NULL,
  -- Null for a run that people asked for, without a webhook.
  bucket_id uuid,
  webhook_id uuid,
  -- Null for the function of an input.
  output_id uuid,
  -- 1 success, 2 error.
  status smallint NOT NULL,
  duration_us integer NOT NULL,
  -- What it said: its error, its log, what it changed. Sealed like a webhook, with the execution's id; key version 0 is the
  -- installation's secret `settings`, for a run without a bucket. Null in an ephemeral bucket.
  key_version integer NOT NULL DEFAULT 0,
  detail bytea,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
ALTER TABLE executions ALTER COLUMN detail SET STORAGE EXTERNAL;
CREATE INDEX executions_of_function ON executions (function_id, id);
CREATE INDEX executions_of_webhook ON executions (webhook_id) WHERE webhook_id IS NOT NULL;
