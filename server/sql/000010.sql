-- oldest-program: 9
-- Why a webhook was rejected for an output: which of its rules decided. Nothing of the webhook itself, so not sealed.
ALTER TABLE outcomes ADD COLUMN reason text;
