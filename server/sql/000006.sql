-- What the definition of inputs and outputs has beyond the columns above: by the names of its attributes. `sealed` are the
-- secrets among them, by path, encrypted under the installation's secret `settings`.
ALTER TABLE inputs ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';
ALTER TABLE inputs ADD COLUMN sealed jsonb NOT NULL DEFAULT '{}';
ALTER TABLE outputs ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';
ALTER TABLE outputs ADD COLUMN sealed jsonb NOT NULL DEFAULT '{}';

-- A delivery whose last attempt failed waits for its next one: due_at says when, retries how many there were beyond the
-- first attempt. While due_at is set nobody claims it; when its time comes due_at becomes null, and it waits as all others.
ALTER TABLE deliveries ADD COLUMN due_at timestamptz;
ALTER TABLE deliveries ADD COLUMN retries smallint NOT NULL DEFAULT 0;
-- Hash of what deliveries of this output must keep their order by; null: no order.
ALTER TABLE deliveries ADD COLUMN order_key bigint;
-- The output has a limit on concurrency: what is in hand is counted.
ALTER TABLE deliveries ADD COLUMN counted boolean NOT NULL DEFAULT false;
DROP INDEX deliveries_waiting;
CREATE INDEX deliveries_waiting ON deliveries (output_id, agent_id, id) WHERE holder IS NULL AND due_at IS NULL;
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_scheduled ON deliveries (output_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_in_order ON deliveries (output_id, agent_id, order_key, id) WHERE order_key IS NOT NULL;
CREATE INDEX deliveries_counted ON deliveries (output_id) WHERE counted AND holder IS NOT NULL;

-- Attempts that failed and were followed by another one; the last attempt of a delivery is its outcome. One partition per
-- day, as outcomes.
CREATE TABLE attempts (
  delivery_id uuid NOT NULL,
  attempt smallint NOT NULL,
  bucket_id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  status_code smallint NOT NULL DEFAULT 0,
  duration_ms integer NOT NULL DEFAULT 0,
  -- What kept an answer from coming, in one word; empty when there was one.
  error_class text NOT NULL DEFAULT '',
  -- Sealed as in outcomes, with the delivery id.
  key_version integer NOT NULL DEFAULT 0,
  response bytea,
  PRIMARY KEY (delivery_id, attempt)
) PARTITION BY RANGE (delivery_id);
ALTER TABLE attempts ALTER COLUMN response SET STORAGE EXTERNAL;

ALTER TABLE outcomes ADD COLUMN error_class text NOT NULL DEFAULT '';

-- When the next delivery of an output with a limited rate may go: the theoretical arrival time of the generic cell rate
-- algorithm, in milliseconds since 1970.
CREATE TABLE output_paces (
  output_id uuid PRIMARY KEY REFERENCES outputs ON DELETE CASCADE,
  next_ms double precision NOT NULL DEFAULT 0
);

-- Destinations that are not called at the moment, as a server found them; for people to see.
CREATE TABLE circuits (
  output_id uuid NOT NULL REFERENCES outputs ON DELETE CASCADE,
  server_id integer NOT NULL,
  opened_at timestamptz NOT NULL,
  reason text NOT NULL,
  probe_at timestamptz NOT NULL,
  PRIMARY KEY (output_id, server_id)
);
