import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Logger } from "pino";
import type { Hint, HintTopic } from "./hint.js";

const CHANNEL = "relay_hint";

/** PostgreSQL limits a notification to 8,000 bytes; more subjects go in several. */
const SUBJECTS_PER_NOTIFICATION = 100;

const RECONNECT_MS = 1_000;

const TOPICS: readonly HintTopic[] = ["work", "catalog", "agents", "pull", "answers"];

/** A server of another version may speak of others. */
function isTopic(text: string | undefined): text is HintTopic {
  return (TOPICS as readonly (string | undefined)[]).includes(text);
}

/**
 * Hints by LISTEN and NOTIFY on a connection of their own (a pooled one would lose its LISTEN). What is published while
 * a notification is on its way goes out together with the next: commits with NOTIFY queue on one lock of the whole
 * database, so there must be few (measured: one per webhook halves the commits of eight writers).
 */
export class PostgresHint implements Hint {
  /** Marks our own notifications: their listeners were told already. */
  readonly #self = randomUUID();
  readonly #url: string;
  readonly #logger: Logger;
  readonly #listeners = new Map<HintTopic, Set<(subjects: readonly string[]) => void>>();
  readonly #pending = new Map<HintTopic, Set<string>>();
  #client: pg.Client | undefined;
  #sending = false;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor({ url, logger }: { url: string; logger: Logger }) {
    this.#url = url;
    this.#logger = logger;
  }

  /** Connects; later losses are repaired in the background. */
  async start(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url, application_name: "relay-hint", keepAlive: true });
    client.on("error", (error) => this.#lost(client, error));
    client.on("end", () => this.#lost(client, undefined));
    client.on("notification", (message) => this.#received(message.payload ?? ""));
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    this.#client = client;
    // Whatever happened while nobody listened: every listener looks for itself.
    this.#flush();
  }

  publish(topic: HintTopic, subjects: readonly string[]): void {
    this.#deliver(topic, subjects);
    let pending = this.#pending.get(topic);
    if (pending === undefined) {
      pending = new Set();
      this.#pending.set(topic, pending);
    }
    for (const subject of subjects) pending.add(subject);
    this.#flush();
  }

  subscribe(topic: HintTopic, listener: (subjects: readonly string[]) => void): () => void {
    let listeners = this.#listeners.get(topic);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(topic, listeners);
    }
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  #flush(): void {
    const client = this.#client;
    if (client === undefined || this.#sending) return;
    for (const [topic, pending] of this.#pending) {
      if (pending.size === 0) continue;
      const subjects = [...pending].slice(0, SUBJECTS_PER_NOTIFICATION);
      for (const subject of subjects) pending.delete(subject);
      this.#sending = true;
      const payload = [this.#self, topic, ...subjects].join(" ");
      client
        .query("SELECT pg_notify($1, $2)", [CHANNEL, payload])
        .catch((error: unknown) => this.#logger.warn({ err: error, topic }, "hint.publish-failed"))
        .finally(() => {
          this.#sending = false;
          this.#flush();
        });
      return;
    }
  }

  #received(payload: string): void {
    const [sender, topic, ...subjects] = payload.split(" ");
    if (sender === this.#self) return;
    if (isTopic(topic)) this.#deliver(topic, subjects);
  }

  #deliver(topic: HintTopic, subjects: readonly string[]): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener(subjects);
  }

  #lost(client: pg.Client, error: Error | undefined): void {
    if (this.#closed) return;
    if (this.#client === client) this.#client = undefined;
    else if (error === undefined) return;
    this.#logger.warn({ err: error }, "hint.connection-lost");
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#reconnect(), RECONNECT_MS);
  }

  #reconnect(): void {
    this.start().catch((error: unknown) => {
      if (this.#closed) return;
      this.#logger.warn({ err: error }, "hint.reconnect-failed");
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#reconnect(), RECONNECT_MS);
    });
  }
}
