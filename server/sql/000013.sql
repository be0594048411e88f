-- Functions that run after a delivery: such a run has the delivery's output, as the function before it has.
ALTER TABLE executions ADD COLUMN of_response boolean NOT NULL DEFAULT false;
