-- The account's API key (`whr` with sk-...) is a token of its own kind, so that agents and rights know one thing only.
-- There is at most one. secret_hint are its last characters, by which people tell keys apart.
ALTER TABLE tokens ADD COLUMN account_key boolean NOT NULL DEFAULT false;
ALTER TABLE tokens ADD COLUMN secret_hint text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX tokens_account_key ON tokens (account_key) WHERE account_key;
