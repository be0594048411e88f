-- Catalog: what people configure. Small, cached whole in every server.
CREATE TABLE buckets (
  id uuid PRIMARY KEY,
  name text NOT NULL UNIQUE,
  description text NOT NULL DEFAULT '',
  auth_type text NOT NULL DEFAULT 'none' CHECK (auth_type IN ('none', 'basic', 'token')),
  auth_username text NOT NULL DEFAULT '',
  auth_hash text NOT NULL DEFAULT '',
  stream boolean NOT NULL DEFAULT true,
  ephemeral boolean NOT NULL DEFAULT false,
  large_webhooks boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE inputs (
  id uuid PRIMARY KEY,
  bucket_id uuid NOT NULL REFERENCES buckets ON DELETE CASCADE,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  status_code integer NOT NULL DEFAULT 0 CHECK (status_code = 0 OR status_code BETWEEN 200 AND 599),
  headers jsonb NOT NULL DEFAULT '{}',
  body text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (bucket_id, name)
);

CREATE TABLE outputs (
  id uuid PRIMARY KEY,
  bucket_id uuid NOT NULL REFERENCES buckets ON DELETE CASCADE,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  destination text NOT NULL,
  internal boolean NOT NULL DEFAULT false,
  disabled boolean NOT NULL DEFAULT false,
  lock_path boolean NOT NULL DEFAULT false,
  headers jsonb NOT NULL DEFAULT '{}',
  timeout_seconds integer NOT NULL DEFAULT 0 CHECK (timeout_seconds BETWEEN 0 AND 180),
  tls_verification boolean NOT NULL DEFAULT false,
  -- Who gets a delivery: 'one' of the connected agents, or 'each' agent known by name.
  agents text NOT NULL DEFAULT 'one' CHECK (agents IN ('one', 'each')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (bucket_id, name)
);

CREATE TABLE tokens (
  id uuid PRIMARY KEY,
  description text NOT NULL DEFAULT '',
  secret_hash text NOT NULL,
  active boolean NOT NULL DEFAULT true,
  api_access boolean NOT NULL DEFAULT true,
  -- Bucket ids or names; empty means every bucket.
  scope_buckets text[] NOT NULL DEFAULT '{}',
  scope_tunnels text[] NOT NULL DEFAULT '{}',
  last_login_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- One row; grows with every change of the catalog, so that a server that lost a notification notices by polling.
CREATE TABLE catalog_version (version bigint NOT NULL);
INSERT INTO catalog_version VALUES (1);

-- Data keys, each wrapped by the key-encryption key named in kek_id. Deleting a bucket deletes them, and with them the
-- only way to read its webhooks.
CREATE TABLE bucket_keys (
  bucket_id uuid NOT NULL REFERENCES buckets ON DELETE CASCADE,
  version integer NOT NULL,
  kek_id text NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (bucket_id, version)
);

-- Running servers. A delivery is held by a server; when its lease here ends, anybody may take its deliveries back.
CREATE SEQUENCE server_ids AS integer;
CREATE TABLE servers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz NOT NULL
);

-- Agents known by name. The highest epoch is the live session; server_id tells where it is, null when it is away.
CREATE TABLE agents (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_id uuid NOT NULL REFERENCES tokens ON DELETE CASCADE,
  name text NOT NULL,
  instance text NOT NULL DEFAULT '',
  version text NOT NULL DEFAULT '',
  transport text NOT NULL DEFAULT '',
  remote_address text NOT NULL DEFAULT '',
  output_ids uuid[] NOT NULL DEFAULT '{}',
  epoch bigint NOT NULL DEFAULT 0,
  server_id integer,
  connected_at timestamptz,
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (token_id, name)
);

-- Webhooks: append-only, one partition per day. The id is a UUID version 7 and begins with its time, so ranges of ids
-- are ranges of time and a look-up by id reads one partition. In an ephemeral bucket key_version is 0 and sealed null.
CREATE TABLE webhooks (
  id uuid NOT NULL,
  bucket_id uuid NOT NULL,
  input_id uuid NOT NULL,
  key_version integer NOT NULL,
  sealed bytea,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
-- Ciphertext does not compress: skip the attempt.
ALTER TABLE webhooks ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- Deliveries that are not finished: small and hot. holder is the server that has it in hand; null means it waits.
CREATE TABLE deliveries (
  id uuid PRIMARY KEY,
  webhook_id uuid NOT NULL,
  bucket_id uuid NOT NULL,
  output_id uuid NOT NULL,
  -- 0: any agent of the bucket (agents = 'one'); else that agent alone.
  agent_id integer NOT NULL DEFAULT 0,
  attempt smallint NOT NULL DEFAULT 0,
  holder integer,
  -- Bytes of the webhook, so that a claim takes no more than fits in memory.
  size integer NOT NULL DEFAULT 0
) WITH (
  fillfactor = 80,
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX deliveries_waiting ON deliveries (output_id, agent_id, id) WHERE holder IS NULL;

-- Finished deliveries: append-only, one partition per day, in the order of the webhooks.
CREATE TABLE outcomes (
  id uuid NOT NULL,
  webhook_id uuid NOT NULL,
  bucket_id uuid NOT NULL,
  -- Null for a webhook of a bucket without outputs.
  output_id uuid,
  agent_id integer NOT NULL DEFAULT 0,
  -- Number of the status in the public API: 1 sent, 2 failed, 3 stalled, 4 received, 5 rejected.
  status smallint NOT NULL,
  status_code smallint NOT NULL DEFAULT 0,
  attempt smallint NOT NULL DEFAULT 0,
  duration_ms integer NOT NULL DEFAULT 0,
  finished_at timestamptz NOT NULL DEFAULT now(),
  -- Sealed like a webhook, with the delivery id: the destination's answer and error, when it was not delivered.
  key_version integer NOT NULL DEFAULT 0,
  response bytea,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
ALTER TABLE outcomes ALTER COLUMN response SET STORAGE EXTERNAL;
CREATE INDEX outcomes_of_bucket ON outcomes (bucket_id, id);
