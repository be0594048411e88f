-- oldest-program: 5
-- What nobody has fetched of buckets without outputs: GET /v1/events reads the oldest of them. Only such webhooks have an
-- entry; a row of its own in `deliveries` would cost ingest an insert, and each fetched webhook a delete.
CREATE INDEX outcomes_received ON outcomes (bucket_id, id) WHERE status = 4;

-- True while a webhook was handed out by GET /v1/events and nobody has said what became of it.
ALTER TABLE outcomes ADD COLUMN handed_out boolean;

-- The wish of who re-sends a webhook: functions of its output do not run again.
ALTER TABLE deliveries ADD COLUMN skip_function boolean NOT NULL DEFAULT false;

-- Jobs that send finished deliveries again. One server at a time works on a job, the holder until its lease ends; the
-- cursor moves in the transaction that makes the deliveries, so that another server goes on exactly where it stood.
CREATE TABLE resends (
  id uuid PRIMARY KEY,
  bucket_id uuid NOT NULL REFERENCES buckets ON DELETE CASCADE,
  -- Which: numbers of statuses, delivery ids from one up to and without the other, and of one output or input if not null.
  statuses smallint[] NOT NULL,
  from_id uuid NOT NULL,
  to_id uuid NOT NULL,
  output_id uuid,
  input_id uuid,
  -- Null: each to the output it was for.
  to_output_id uuid,
  skip_function boolean NOT NULL,
  -- Webhooks per second.
  rate integer NOT NULL CHECK (rate > 0),
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'cancelled', 'failed')),
  -- Why it failed, for people.
  error text NOT NULL DEFAULT '',
  -- How many there were at the start; `bounded` when counting stopped there.
  total bigint NOT NULL,
  bounded boolean NOT NULL,
  -- The last delivery that was looked at.
  cursor_id uuid NOT NULL,
  found bigint NOT NULL DEFAULT 0,
  made bigint NOT NULL DEFAULT 0,
  skipped_ephemeral bigint NOT NULL DEFAULT 0,
  skipped_removed bigint NOT NULL DEFAULT 0,
  skipped_no_output bigint NOT NULL DEFAULT 0,
  skipped_no_agent bigint NOT NULL DEFAULT 0,
  skipped_again bigint NOT NULL DEFAULT 0,
  holder uuid,
  lease_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE INDEX resends_running ON resends (id) WHERE state = 'running';
CREATE INDEX resends_of_bucket ON resends (bucket_id, id);

-- What a running job has made: a webhook that is in the history several times goes to each target once. Emptied at its end.
CREATE TABLE resend_targets (
  resend_id uuid NOT NULL REFERENCES resends ON DELETE CASCADE,
  webhook_id uuid NOT NULL,
  output_id uuid NOT NULL,
  agent_id integer NOT NULL,
  PRIMARY KEY (resend_id, webhook_id, output_id, agent_id)
);
