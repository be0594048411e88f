import { join } from "node:path";
import type { BenchContext } from "../bench-context.js";
import { atMost } from "../figure.js";
import { watchMachine } from "../measure/machine.js";
import { type Credentials, startServer } from "../processes/start-server.js";
import { newCredentials } from "../rig.js";

const BUCKETS = 1_000;
const PER_BUCKET = 5;

interface Plan {
  readonly changes: readonly unknown[];
  readonly fingerprint: string;
}

/** A manifest of this many buckets, each with five inputs and five outputs. */
function manifest(buckets: number): object {
  const each = <T>(name: string, value: T) =>
    Object.fromEntries(Array.from({ length: PER_BUCKET }, (_, index) => [`${name}-${index}`, value]));
  const bucket = {
    description: "of the bench",
    inputs: each("in", { status_code: 202, headers: { "Content-Type": ["text/plain"] } }),
    outputs: each("out", { destination: "http://destination.internal:3000/hooks", timeout: 30 }),
  };
  return { buckets: Object.fromEntries(Array.from({ length: buckets }, (_, index) => [`service-${index}`, bucket])) };
}

/** Plans and applies a manifest of thousands of objects on an empty server, and plans it again. */
export async function manifestRows(context: BenchContext): Promise<void> {
  const folder = await context.folder("manifest");
  const admin = newCredentials();
  const server = await startServer({
    dataDir: join(folder, "data"),
    admin,
    logFile: join(folder, "server.log"),
    cpuProfileDir: context.cpuProfileDir,
  });
  const declared = manifest(BUCKETS);
  const name = `${BUCKETS.toLocaleString("en")} buckets, ${(BUCKETS * PER_BUCKET).toLocaleString("en")} inputs and as many outputs`;
  const timed = async <T>(what: string, most: number, work: () => Promise<T>): Promise<T> => {
    const noise = watchMachine();
    const begin = performance.now();
    const result = await work();
    const value = (performance.now() - begin) / 1000;
    context.add({ name: `${name}: ${what}`, value, unit: "s", target: atMost(most), noise: noise() });
    return result;
  };
  try {
    const noise = watchMachine();
    const plan = await timed("plan", 2, () => post<Plan>(server.http, admin, "plan", { manifest: declared }));
    await timed("apply", 10, () =>
      post(server.http, admin, "apply", { manifest: declared, fingerprint: plan.fingerprint }),
    );
    const again = await timed("second plan", 2, () => post<Plan>(server.http, admin, "plan", { manifest: declared }));
    context.add({
      name: `${name}: changes of the second plan`,
      value: again.changes.length,
      unit: "changes",
      target: atMost(0),
      noise: noise(),
    });
  } finally {
    await server.stop();
  }
}

async function post<T>(api: string, { key, secret }: Credentials, action: string, body: object): Promise<T> {
  const response = await fetch(`${api}/v1/manifests/bench/${action}`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}` },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${action} answered ${response.status}: ${text.slice(0, 1_000)}`);
  return JSON.parse(text) as T;
}
