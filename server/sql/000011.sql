-- oldest-program: 9
-- Answers of destinations on their way from the server that got them to the one whose sender waits. They are worth nothing
-- after a crash, so they are not logged; sealed like everything else.
CREATE UNLOGGED TABLE answers (
  -- Of the delivery.
  id uuid PRIMARY KEY,
  webhook_id uuid NOT NULL,
  bucket_id uuid NOT NULL,
  key_version int NOT NULL,
  -- Null: the delivery is over without an answer.
  sealed bytea,
  made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX answers_of_webhook ON answers (webhook_id);
