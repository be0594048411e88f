-- What the definition of inputs and outputs has beyond the columns above: by the names of its attributes. `sealed` are the
-- secrets among them, by path, encrypted under the installation's secret `settings`.
ALTER TABLE inputs ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';
ALTER TABLE inputs ADD COLUMN sealed jsonb NOT NULL DEFAULT '{}';
ALTER TABLE outputs ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';
ALTER TABLE outputs ADD COLUMN sealed jsonb NOT NULL DEFAULT '{}';
