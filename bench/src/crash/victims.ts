import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "../wait-until.js";
import type { World } from "./world.js";

/** Something that can go wrong. */
export interface Victim {
  /** Two servers on one database, or one on its own. */
  readonly pair: boolean;
  /** Strikes, waits `downMs`, and brings back what it took. */
  strike(world: World, downMs: number): Promise<void>;
  /** What is left to undo once everything has arrived. */
  after?(world: World): Promise<void>;
}

const RECOVERY_MS = 30_000;

/** A server that ended by itself (its database was taken away) is started again, as a service manager would. */
async function untilReady(world: World): Promise<void> {
  for (const place of new Set([world.ingest, world.link])) {
    const ready = await waitUntil(
      async () => {
        if (place.server.child.exitCode !== null || place.server.child.signalCode !== null) await place.restart();
        const answer = await fetch(`${place.server.status}/readyz`).catch(() => undefined);
        return answer?.status === 200;
      },
      { timeoutMs: RECOVERY_MS },
    );
    if (!ready)
      throw new Error(`the server did not get ready within ${RECOVERY_MS / 1000} s after its database came back`);
  }
}

function databaseStops(mode: "fast" | "immediate" | "kill"): Victim {
  return {
    pair: true,
    async strike(world, downMs) {
      await world.database?.stop(mode);
      await sleep(downMs);
      await world.database?.start();
      await untilReady(world);
    },
  };
}

/** The server's private PostgreSQL; the server itself has to bring it back. */
function ownPostgresDies(signal: "SIGKILL" | "SIGQUIT"): Victim {
  return {
    pair: false,
    async strike(world) {
      const pid = await world.ingest.server.postmaster();
      if (pid === undefined) throw new Error("the server has no PostgreSQL of its own");
      process.kill(pid, signal);
      const another = async () => ![undefined, pid].includes(await world.ingest.server.postmaster());
      if (!(await waitUntil(another, { timeoutMs: RECOVERY_MS }))) {
        throw new Error(`the server did not start its PostgreSQL again within ${RECOVERY_MS / 1000} s`);
      }
      await untilReady(world);
    },
  };
}

/** All victims by the name that `--victim` takes. */
export const VICTIMS = {
  server: {
    pair: false,
    async strike(world, downMs) {
      await world.ingest.server.kill();
      await sleep(downMs);
      await world.ingest.restart();
    },
  },
  agent: {
    pair: false,
    async strike(world, downMs) {
      await world.agent.kill();
      await sleep(downMs);
      await world.restartAgent();
    },
  },
  postgres: ownPostgresDies("SIGKILL"),
  // What `pg_ctl stop -m immediate` sends.
  "postgres-immediate": ownPostgresDies("SIGQUIT"),
  network: {
    pair: false,
    async strike(world, downMs) {
      world.proxy.cut();
      await sleep(downMs);
      world.proxy.heal();
    },
  },
  "half-open": {
    pair: false,
    async strike(world, downMs) {
      world.proxy.halfOpen();
      await sleep(downMs);
    },
    async after(world) {
      world.proxy.heal();
    },
  },
  "database-restart": databaseStops("fast"),
  "database-immediate": databaseStops("immediate"),
  "database-kill": databaseStops("kill"),
  "ingest-server": {
    pair: true,
    async strike(world, downMs) {
      await world.ingest.server.kill();
      await sleep(downMs);
      await world.ingest.restart();
    },
  },
  "agent-server": {
    pair: true,
    async strike(world, downMs) {
      await world.link.server.kill();
      await sleep(downMs);
      await world.link.restart();
    },
  },
  // The agent's server stays away until the other one has delivered everything.
  takeover: {
    pair: true,
    async strike(world) {
      await world.link.server.kill();
      world.proxy.retarget(world.linkPort(world.ingest));
    },
    async after(world) {
      await world.link.restart();
      world.proxy.retarget(world.linkPort(world.link));
    },
  },
} as const satisfies Readonly<Record<string, Victim>>;

export type VictimName = keyof typeof VICTIMS;

export const VICTIM_NAMES = Object.keys(VICTIMS) as readonly VictimName[];
