import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { lockState, type StateLock, StateLockedError } from "./forward/state-lock.js";

/** The directory of one agent's ledger and ticket, locked for this process. */
export interface AgentState {
  /** The agent's name: the wanted one, with a number behind it when the first ones were taken. */
  readonly agent: string;
  /** Null when nothing can be written there: the agent then keeps its state in memory. */
  readonly directory: string | null;
  /** Why the state is in memory only. */
  readonly warning: string | null;
  release(): void;
}

export interface AgentStateOptions {
  readonly root: string;
  /** Address of the server: agents of the same name at two servers have nothing in common. */
  readonly server: string;
  readonly agent: string;
  /** True: when an agent of this name runs here, take name-2, name-3 and so on. */
  readonly allowNumbered: boolean;
}

const MOST_NUMBERED = 32;

/** Creates and locks the state directory. Throws StateLockedError when the name is in use on this machine. */
export function openAgentState(options: AgentStateOptions): AgentState {
  for (let number = 1; ; number += 1) {
    const agent = number === 1 ? options.agent : `${options.agent}-${number}`;
    const directory = join(options.root, directoryName(options.server, agent));
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const lock: StateLock = lockState(directory);
      return { agent, directory, warning: null, release: () => lock.release() };
    } catch (error) {
      if (error instanceof StateLockedError) {
        if (options.allowNumbered && number < MOST_NUMBERED) continue;
        throw error;
      }
      const why = (error as Error).message;
      const warning = `cannot write to ${directory} (${why}): a restart may repeat deliveries. Set RELAY_STATE_DIR to a directory that this user may write.`;
      return { agent, directory: null, warning, release: () => undefined };
    }
  }
}

function directoryName(server: string, agent: string): string {
  // Readable for people, unique by the hash: names may hold anything.
  const hash = createHash("sha256").update(`${server}\n${agent}`).digest("hex").slice(0, 12);
  return `${agent.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 60)}-${hash}`;
}
