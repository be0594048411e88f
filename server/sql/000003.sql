-- Who manages an object: empty for people, else 'terraform', 'pulumi' or 'manifest/<name>'.
ALTER TABLE buckets ADD COLUMN managed_by text NOT NULL DEFAULT '';
ALTER TABLE inputs ADD COLUMN managed_by text NOT NULL DEFAULT '';
ALTER TABLE outputs ADD COLUMN managed_by text NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN managed_by text NOT NULL DEFAULT '';

-- The last applied content of each manifest, without its secrets: what drift is measured against.
CREATE TABLE manifests (
  name text PRIMARY KEY,
  content jsonb NOT NULL,
  -- Grows with every application.
  version bigint NOT NULL DEFAULT 1,
  applied_at timestamptz NOT NULL DEFAULT now(),
  -- Key of the token; not a reference, the token may be deleted.
  applied_by uuid NOT NULL
);

-- Every change of the catalog that came by the API: who, from where, what. Never a secret. Kept for ever.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  -- Key of the token, and what it was called at that time; not a reference, the token may be deleted.
  actor_id uuid NOT NULL,
  actor text NOT NULL,
  -- 'api', 'manifest/<name>', or what the client said it is.
  source text NOT NULL,
  action text NOT NULL,
  resource text NOT NULL,
  object_id uuid NOT NULL,
  -- Names from the outermost object on.
  path text[] NOT NULL,
  diff jsonb NOT NULL
);
CREATE INDEX audit_of_name ON audit USING gin (path);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit is append-only: its rows are never changed or removed';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
