import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { BenchContext } from "../bench-context.js";
import { atMost } from "../figure.js";
import { watchMachine } from "../measure/machine.js";
import { inRepository } from "../processes/repository.js";
import { startServer } from "../processes/start-server.js";
import { TerraformPlan, terraformProgram } from "../processes/terraform-plan.js";
import { newCredentials } from "../rig.js";

const RESOURCES = 100;
const PLANS = 5;
const STARTS = 12;
/** What Terraform gives a provider that it starts. */
const HOST = {
  TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
  PLUGIN_PROTOCOL_VERSIONS: "5,6",
};

/** Our provider beside HashiCorp's `time`, which is written in Go and asks no server. */
export async function terraformRows(context: BenchContext): Promise<void> {
  const program = terraformProgram();
  if (program === undefined || !existsSync(inRepository(".engines/terraform-provider-time"))) {
    context.note("terraform: not measured; npm run engines builds what it needs");
    return;
  }
  const folder = await context.folder("terraform");
  const packed = join(folder, "packed");
  await promisify(execFile)(process.execPath, [inRepository("scripts/package-terraform.mjs"), packed]);
  const unpacked = join(packed, "unpacked");
  const file = (await readdir(unpacked)).find((name) => name.startsWith("terraform-provider-relay"));
  const executable = join(unpacked, file ?? "");
  const admin = newCredentials();
  const server = await startServer({
    dataDir: join(folder, "data"),
    admin,
    logFile: join(folder, "server.log"),
    cpuProfileDir: context.cpuProfileDir,
  });
  try {
    // Any certificate serves: as the host's, it has the provider make one of its own.
    await handshakeRow(context, executable, await readFile(server.caFile, "utf8"));
    const ours = await TerraformPlan.make(program, {
      folder: join(folder, "relay"),
      source: "relay.local/relay/relay",
      provider: unpacked,
      resources: {
        relay_bucket: { it: { count: RESOURCES, name: `bench-\${count.index}` } },
      },
      env: { RELAY_API_ADDRESS: server.http, RELAY_KEY: admin.key, RELAY_SECRET: admin.secret },
    });
    const theirs = await TerraformPlan.make(program, {
      folder: join(folder, "time"),
      source: "relay.local/hashicorp/time",
      provider: inRepository(".engines"),
      resources: { time_static: { it: { count: RESOURCES } } },
    });
    const noise = watchMachine();
    const times: { ours: number; theirs: number }[] = [];
    // In turn, so that a slow minute of the machine is one for both.
    for (let i = 0; i < PLANS; i += 1) times.push({ theirs: await theirs.time(), ours: await ours.time() });
    const own = median(times.map((each) => each.ours));
    const time = median(times.map((each) => each.theirs));
    const measured = noise();
    const what = `terraform plan of ${RESOURCES} resources`;
    context.add({ name: `${what}, provider time (Go)`, value: time, unit: "ms", noise: measured });
    context.add({ name: `${what}, our provider`, value: own, unit: "ms", noise: measured });
    context.add({ name: `${what}, ours to time`, value: own / time, unit: "x", target: atMost(1.3), noise: measured });
    const watched = watchMachine();
    const peak = await ours.providerPeakMiB(executable);
    context.add({
      name: "Terraform provider, most RSS",
      value: peak,
      unit: "MiB",
      target: atMost(120),
      noise: watched(),
    });
  } finally {
    await server.stop();
  }
}

async function handshakeRow(context: BenchContext, executable: string, clientCertificate: string): Promise<void> {
  const noise = watchMachine();
  const times: number[] = [];
  for (let i = 0; i < STARTS; i += 1) times.push(await handshakeMs(executable, clientCertificate));
  context.add({
    name: "Terraform provider, start to handshake",
    value: median(times),
    unit: "ms",
    target: atMost(200),
    noise: noise(),
  });
}

function handshakeMs(executable: string, clientCertificate: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const child = spawn(executable, [], {
      env: { PATH: process.env.PATH, ...HOST, PLUGIN_CLIENT_CERT: clientCertificate },
      stdio: ["ignore", "pipe", "ignore"],
    });
    child.on("error", reject);
    let ms = 0;
    child.stdout.once("data", () => {
      ms = performance.now() - begin;
      child.kill();
    });
    // Not before it has ended: the next one should have the machine to itself.
    child.on("close", () => (ms > 0 ? resolve(ms) : reject(new Error("the Terraform provider ended at its start"))));
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
