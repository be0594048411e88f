-- Which delivery a run of a function belongs to; null for the function of an input, which is of the webhook, and for a run
-- from before this column. `of_response`: it ran after that delivery.
ALTER TABLE executions ADD COLUMN delivery_id uuid, ADD COLUMN of_response boolean NOT NULL DEFAULT false;
