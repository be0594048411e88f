import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OUTPUT_NAMES, type OutputName, outputSettings, placeOf } from "./delivery-outputs.js";
import type { FaultMenu } from "./fault-menu.js";
import type { FaultStep } from "./fault-steps.js";
import { runServer, type TestServer } from "./run-server.js";
import { waitFor } from "./wait-for.js";

export const LEASE_MS = 3_000;
/** After a server went on without its lease, calls it had begun end within their time limit of 1 s. */
const LET_GO_MS = 2_000;
const PATIENCE = { timeoutMs: 60_000, everyMs: 50 };
/** Settings of the server at this place; its clock can be set. */
const env = (folder: string, at: number) => ({
  PUBLIC_DESTINATION_ALLOW: "127.0.0.0/8",
  LEASE_TIME: `${LEASE_MS / 1_000}s`,
  NODE_OPTIONS: `--import ${new URL("clock-offset.mjs", import.meta.url)}`,
  TEST_CLOCK_FILE: clockFile(folder, at),
});

const clockFile = (folder: string, at: number) => join(folder, `clock-${at}`);

/** While a server may do what another one was told to do instead; monotonic milliseconds. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Posted {
  readonly n: number;
  readonly key: string;
  /** By whose clock its place in the order was given: changes with each server, and when a clock is set or starts anew. */
  readonly clock: string;
  readonly answered: boolean;
}

/** Two servers of one installation and their destinations, and what is done to them. */
export class FaultWorld {
  readonly menu: FaultMenu;
  readonly servers: readonly TestServer[];
  readonly #functionId: string;
  /** Where the servers find what their clocks are to say. */
  readonly #folder: string;
  /** By server: since when, in true Unix milliseconds, its clock is off by how much. */
  readonly #offsets: { readonly sinceMs: number; readonly offsetMs: number }[][] = [];
  /** Windows of servers that were stopped. */
  readonly #freezes: Window[] = [];
  /** How often a clock was set, or may have gone back since one was. */
  #clocks = 0;
  settings = 0;
  kills = 0;
  cuts = 0;

  constructor(menu: FaultMenu, servers: readonly TestServer[], made: { functionId: string; folder: string }) {
    this.menu = menu;
    this.servers = servers;
    this.#functionId = made.functionId;
    this.#folder = made.folder;
    for (const _ of servers) this.#offsets.push([{ sinceMs: 0, offsetMs: 0 }]);
  }

  get one(): TestServer {
    return this.server(0);
  }

  server(at: number): TestServer {
    const server = this.servers[at];
    if (server === undefined) throw new Error(`there is no server ${at}`);
    return server;
  }

  get freezes(): number {
    return this.#freezes.length;
  }

  /** Also when a server lost its lease because the machine was too busy to renew it. */
  windows(): readonly Window[] {
    const offset = performance.now() - Date.now();
    const lost = this.servers
      .flatMap((server, at) => server.logged("server.lease-lost").map(({ time }) => this.#trueTime(at, time)))
      .map((time) => {
        const at = time + offset;
        return { fromMs: at - 2 * LEASE_MS, toMs: at + LET_GO_MS };
      });
    return [...this.#freezes, ...lost];
  }

  /** Ids of one server grow, whatever its clock does; once a clock was set, not those of two servers, or of two processes. */
  clockOf(server: number): string {
    return this.#clocks === 0 ? "" : `${this.#clocks} ${server}`;
  }

  async setClock(at: number, offsetMs: number): Promise<void> {
    this.settings += 1;
    this.#clocks += 1;
    const server = this.server(at);
    await writeFile(clockFile(this.#folder, at), String(offsetMs));
    this.#offsets[at]?.push({ sinceMs: Date.now(), offsetMs });
    server.signal("SIGUSR2");
  }

  /** Of what a server has logged. */
  #trueTime(at: number, logged: unknown): number {
    const said = typeof logged === "number" ? logged : Date.parse(String(logged));
    const offsets = this.#offsets[at] ?? [];
    const fits = offsets.findLast(({ sinceMs, offsetMs }, i) => {
      const trueMs = said - offsetMs;
      return trueMs >= sinceMs - 50 && trueMs <= (offsets[i + 1]?.sinceMs ?? Number.POSITIVE_INFINITY) + 50;
    });
    return said - (fits?.offsetMs ?? 0);
  }

  async kill(at: number): Promise<void> {
    this.kills += 1;
    if (this.#clocks > 0) this.#clocks += 1;
    await this.server(at).kill("SIGKILL");
    await this.server(at).start();
  }

  async freeze(at: number): Promise<void> {
    const server = this.server(at);
    const before = server.logged("server.lease-lost").length;
    const fromMs = performance.now();
    server.signal("SIGSTOP");
    const { pool } = this.one.database;
    const alone = async () => (await pool.query("SELECT FROM servers")).rowCount === 1;
    await waitFor("the other to take over", alone, PATIENCE);
    server.signal("SIGCONT");
    const lost = () => server.logged("server.lease-lost").length > before;
    await waitFor("the lost lease", lost, PATIENCE).catch((error: Error) => {
      throw new Error(`${error.message}; the server said: ${server.output.slice(-2_000)}`);
    });
    this.#freezes.push({ fromMs, toMs: performance.now() + LET_GO_MS });
  }

  async cutDatabase(): Promise<void> {
    this.cuts += 1;
    await this.one.database.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'relay-%'",
    );
  }

  round(name: string): Promise<FaultRound> {
    return FaultRound.make(this, name, this.#functionId);
  }
}

/** One sequence of steps, on buckets of its own. */
export class FaultRound {
  readonly world: FaultWorld;
  readonly name: string;
  readonly buckets: Readonly<Record<"stored" | "ephemeral", { readonly id: string; readonly inputId: string }>>;
  readonly outputs: ReadonlyMap<OutputName, string>;
  readonly posted = { stored: [] as Posted[], ephemeral: [] as Posted[] };
  resends = 0;
  /** Webhooks of a bucket are posted one after the other, while everything else goes on. */
  readonly #posting = { stored: Promise.resolve(), ephemeral: Promise.resolve() };
  #n = 0;

  private constructor(world: FaultWorld, name: string, made: Pick<FaultRound, "buckets" | "outputs">) {
    this.world = world;
    this.name = name;
    this.buckets = made.buckets;
    this.outputs = made.outputs;
  }

  static async make(world: FaultWorld, name: string, functionId: string): Promise<FaultRound> {
    const { one, menu } = world;
    const bucket = async (kind: "stored" | "ephemeral") => {
      const fields = { name: `${name}-${kind}`, ephemeral: kind === "ephemeral" };
      const { id, inputs } = await one.must("POST", "/v1/buckets", fields);
      return { id: String(id), inputId: String(inputs[0].id) };
    };
    const buckets = { stored: await bucket("stored"), ephemeral: await bucket("ephemeral") };
    const outputs = new Map<OutputName, string>();
    for (const output of OUTPUT_NAMES) {
      const { id } = output === "ephemeral" ? buckets.ephemeral : buckets.stored;
      const fields = {
        name: output,
        internal: false,
        lock_path: true,
        timeout: 1,
        ...outputSettings(output, functionId),
      };
      const destination = menu.place(placeOf(name, output));
      outputs.set(output, (await one.must("POST", `/v1/buckets/${id}/outputs`, { ...fields, destination })).id);
    }
    const known = async (server: TestServer) =>
      (await server.api("GET", `/v1/buckets/${buckets.ephemeral.id}`)).json?.outputs?.length === 1;
    for (const server of world.servers) await waitFor("the configuration", () => known(server), PATIENCE);
    return new FaultRound(world, name, { buckets, outputs });
  }

  async take(step: FaultStep): Promise<void> {
    const { world } = this;
    switch (step.kind) {
      case "post":
        this.#post(step);
        return;
      case "become":
        world.menu.become(placeOf(this.name, step.output), step.behaviour);
        return;
      case "kill":
        return world.kill(step.server);
      case "freeze":
        return world.freeze(step.server);
      case "cut-database":
        return world.cutDatabase();
      case "resend":
        return this.#resend();
      case "set-clock":
        return world.setClock(step.server, step.offsetMs);
      case "pass":
        await new Promise((resolve) => setTimeout(resolve, step.ms));
    }
  }

  /** Everything works from now on: waits until nothing waits any more. */
  async settle(): Promise<void> {
    for (const output of OUTPUT_NAMES) this.world.menu.become(placeOf(this.name, output), "ok");
    await Promise.all(Object.values(this.#posting));
    const { pool } = this.world.one.database;
    const ids = Object.values(this.buckets).map(({ id }) => id);
    const waiting = async () =>
      (
        await pool.query("SELECT id, output_id, holder, attempt, due_at FROM deliveries WHERE bucket_id = ANY($1)", [
          ids,
        ])
      ).rows;
    try {
      await waitFor("nothing to wait", async () => (await waiting()).length === 0, PATIENCE);
    } catch (error) {
      const { rows: servers } = await pool.query("SELECT id, lease_until > now() AS alive FROM servers ORDER BY id");
      const left = JSON.stringify({ waiting: (await waiting()).slice(0, 5), servers });
      throw new Error(`still waiting: ${left}`, { cause: error });
    }
  }

  #post({ bucket, server, keys }: Extract<FaultStep, { kind: "post" }>): void {
    this.#posting[bucket] = this.#posting[bucket].then(async () => {
      for (const key of keys) await this.#postOne(bucket, server, key);
    });
  }

  async #postOne(bucket: "stored" | "ephemeral", at: number, key: string): Promise<void> {
    this.#n += 1;
    const n = this.#n;
    const server = this.world.server(at);
    const before = this.world.clockOf(at);
    let answered = false;
    try {
      const response = await fetch(`${server.at.http}/v1/webhooks/${this.buckets[bucket].inputId}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ n, key }),
        signal: AbortSignal.timeout(2_000),
      });
      answered = response.status === 200;
    } catch {
      // Killed, stopped, or without its database: nobody was promised anything.
    }
    const clock = this.world.clockOf(at) === before ? before : `of webhook ${n}`;
    this.posted[bucket].push({ n, key, clock, answered });
  }

  async #resend(): Promise<void> {
    const { rows } = await this.world.one.database.pool.query<{ id: string }>(
      "SELECT id FROM outcomes WHERE bucket_id = $1 AND status = 2 ORDER BY id LIMIT 1",
      [this.buckets.stored.id],
    );
    if (rows[0] === undefined) return;
    this.resends += 1;
    // The server may have lost its database just now.
    await this.world.one.api("POST", `/v1/logs/${rows[0].id}/action`, { action: "resend" }).catch(() => undefined);
  }
}

/** Starts both servers on one database. */
export async function startFaultWorld(menu: FaultMenu): Promise<FaultWorld> {
  const folder = await mkdtemp(join(tmpdir(), "relay-clocks-"));
  const one = await runServer({ env: env(folder, 0) });
  const two = await runServer({ env: env(folder, 1), database: { url: one.database.url }, dataDir: one.dataDir });
  const { id } = await one.must("POST", "/v1/functions", {
    name: "changes",
    driver: "js",
    payload: `r.setBody(r.body + "changed")`,
  });
  return new FaultWorld(menu, [one, two], { functionId: id, folder });
}
