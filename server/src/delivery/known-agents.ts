import type pg from "pg";
import type { Logger } from "pino";
import type { Hint } from "../hint/hint.js";
import { agentsKnown } from "../store/agents.js";

const REFRESH_MS = 5_000;

/**
 * Which agents are known for each output, for outputs that `each` agent gets: the connected ones, and those that went
 * away less than the resume window ago.
 */
export class KnownAgents {
  readonly #options: { pool: pg.Pool; hint: Hint; logger: Logger; resumeWindowMs: number };
  #byOutput = new Map<string, number[]>();
  #timer: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(options: { pool: pg.Pool; hint: Hint; logger: Logger; resumeWindowMs: number }) {
    this.#options = options;
    options.hint.subscribe("agents", () => void this.refresh());
  }

  start(): void {
    this.#timer = setInterval(() => void this.refresh(), REFRESH_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  of(outputId: string): readonly number[] {
    return this.#byOutput.get(outputId) ?? [];
  }

  /** Never rejects: an old list is better than none. Sees what was committed before the call. */
  async refresh(): Promise<void> {
    // A load that runs may have begun before the change that brings us here: one more follows it, shared by all callers.
    if (this.#refreshing !== undefined) {
      this.#next ??= this.#refreshing.then(() => this.#start());
      await this.#next;
      return;
    }
    await this.#start();
  }

  #start(): Promise<void> {
    this.#next = undefined;
    const loading = this.#load().finally(() => {
      if (this.#refreshing === loading) this.#refreshing = undefined;
    });
    this.#refreshing = loading;
    return loading;
  }

  async #load(): Promise<void> {
    try {
      const byOutput = new Map<string, number[]>();
      for (const { agentId, outputId } of await agentsKnown(this.#options.pool, this.#options.resumeWindowMs)) {
        const agents = byOutput.get(outputId);
        if (agents === undefined) byOutput.set(outputId, [agentId]);
        else agents.push(agentId);
      }
      this.#byOutput = byOutput;
    } catch (error) {
      this.#options.logger.warn({ err: error }, "agents.refresh-failed");
    }
  }
}
