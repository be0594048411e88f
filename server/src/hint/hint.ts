/**
 * Tells the other servers that something waits in the database. A hint may be lost, doubled or late: every listener also
 * polls, so a lost hint costs latency and never a webhook.
 */
export interface Hint {
  /** Tells all servers, this one included. Never throws: failing to hint is not a failure of the caller. */
  publish(topic: HintTopic, subjects: readonly string[]): void;
  /** Calls `listener` for each hint of the topic; returns the function that stops it. */
  subscribe(topic: HintTopic, listener: (subjects: readonly string[]) => void): () => void;
  close(): Promise<void>;
}

/**
 * `work`: ids of outputs with waiting deliveries, and of buckets with webhooks that had no output to go to. `catalog`: ids of
 * what changed. `agents`: ids of agents with a new session. `pull`: ids of buckets that somebody waits to pull from.
 * `answers`: ids of webhooks that a destination answered whose sender waits on another server.
 */
export type HintTopic = "work" | "catalog" | "agents" | "pull" | "answers";
