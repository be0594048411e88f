import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { killIfThere } from "../../server/test/support/kill-if-there.js";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { waitFor } from "../../server/test/support/wait-for.js";
import { selfSignedCertificate } from "../src/terraform/plugin/certificate.js";
import { GRPCControllerClient } from "../src/terraform/protocol/generated/plugin.js";
import { ProviderClient } from "../src/terraform/protocol/generated/tfplugin6.js";
import { describeTerraform } from "./support/describe-engine.js";
import { PACKAGED_SOURCE, type PackagedProvider, packagedProvider } from "./support/packaged-provider.js";
import { freshName, ref, relayEnvironment } from "./support/relay-terraform.js";
import { makeTerraformProject, type ProviderSources, type TerraformProject } from "./support/terraform-project.js";

/** Rounds of the kill test: 50 take minutes, and are for whoever changes what they are about. */
const ROUNDS = Number(process.env.RELAY_KILL_ROUNDS ?? 2);

const COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
const PREAMBLE = { terraform: { required_providers: { relay: { source: PACKAGED_SOURCE } } } };

let server: TestServer;
let folder: string;
let provider: PackagedProvider;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "relay-packed-"));
  [server, provider] = await Promise.all([runServer(), packagedProvider(folder)]);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Processes that run the packed provider. */
async function providerPids(): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return line.split("\0")[1]?.startsWith(folder) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

describeTerraform("the packed provider", (engine) => {
  const make = (providers: ProviderSources, content: object) =>
    makeTerraformProject(engine, {
      files: { "main.tf.json": { ...PREAMBLE, ...content } },
      providers,
      env: relayEnvironment(server),
    });

  const works = async (project: TerraformProject, name: string) => {
    await project.apply();
    expect(await project.resource("relay_bucket.it")).toMatchObject({ name });
    expect((await server.must("GET", `/v1/buckets/${name}`)).managed_by).toBe("terraform");
    expect((await project.plan()).actions).toEqual({});
  };

  test("works from a folder by dev_overrides", async () => {
    const name = freshName("bucket");
    const project = await make(
      { devOverrides: { [PACKAGED_SOURCE]: provider.unpacked } },
      { resource: { relay_bucket: { it: { name } } } },
    );
    try {
      await works(project, name);
    } finally {
      await project.close();
    }
  });

  test("is installed from a mirror's archive, also where a project says that its scripts are modules", async () => {
    const name = freshName("bucket");
    const project = await make({ filesystemMirror: provider.mirror }, { resource: { relay_bucket: { it: { name } } } });
    try {
      await project.write("package.json", { type: "module" });
      await project.init();
      const locked = await readFile(join(project.folder, ".terraform.lock.hcl"), "utf8");
      expect(locked).toContain(`version = "${provider.version}"`);
      await works(project, name);
    } finally {
      await project.close();
    }
  });

  test("is installed from an unpacked mirror", async () => {
    const name = freshName("bucket");
    const mirror = await mkdtemp(join(folder, "mirror-"));
    const platform = `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
    const place = join(mirror, PACKAGED_SOURCE, provider.version, platform);
    await mkdir(place, { recursive: true });
    await cp(provider.unpacked, place, { recursive: true });
    const project = await make({ filesystemMirror: mirror }, { resource: { relay_bucket: { it: { name } } } });
    try {
      await project.init();
      await works(project, name);
    } finally {
      await project.close();
    }
  });

  test("ends at an interrupt of the whole terminal with what it was making in the state", async () => {
    const name = freshName("bucket");
    const many = { resource: { relay_bucket: { it: { count: 40, name: `${name}-${ref("count.index")}` } } } };
    const project = await make({ devOverrides: { [PACKAGED_SOURCE]: provider.unpacked } }, many);
    try {
      const running = project.start(["apply", "-auto-approve", "-no-color", "-parallelism=2"]);
      await waitFor("the first is made", () => running.output.includes("Creation complete") || undefined);
      running.killGroup("SIGINT");
      await running.done;
      expect(await providerPids()).toEqual([]);
      const plan = await project.plan();
      expect(await left(plan.actions, name)).toEqual([]);
    } finally {
      await project.close();
    }
  });

  test(`threat: a provider killed at any moment leaves nothing half made (${ROUNDS} rounds)`, {
    timeout: 60_000 + ROUNDS * 10_000,
    retry: 0,
  }, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = freshName("bucket");
      const many = { resource: { relay_bucket: { it: { count: 8, name: `${name}-${ref("count.index")}` } } } };
      const project = await make({ devOverrides: { [PACKAGED_SOURCE]: provider.unpacked } }, many);
      try {
        const running = project.start(["apply", "-auto-approve", "-no-color", "-parallelism=2"]);
        await waitFor("it begins to make", () => running.output.includes("Creating...") || undefined);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
        for (const pid of await providerPids()) killIfThere(pid);
        await running.done;
        const plan = await project.plan();
        const unknown = await left(plan.actions, name);
        // The plan says which.
        for (const address of unknown) expect(plan.text).toContain(`with ${address},`);
        expect(plan.text.split("Warning: There is a bucket").length - 1, plan.text).toBe(unknown.length);
        // At most what was on its way at that moment exists without terraform's knowledge: and it is whole, and is found by name.
        expect(unknown.length).toBeLessThanOrEqual(2);
        for (const address of unknown) {
          const index = /\[(\d+)\]/.exec(address)?.[1];
          const imported = await project.import(address, `${name}-${index}`);
          expect(imported.exitCode, imported.text).toBe(0);
        }
        await project.apply();
        expect((await project.plan()).actions).toEqual({});
      } finally {
        await project.close();
      }
    }
  });

  /** Addresses that a plan would make although the object exists. */
  async function left(actions: Readonly<Record<string, readonly string[]>>, name: string): Promise<string[]> {
    const buckets = (await server.must("GET", "/v1/buckets")) as { name: string }[];
    const there = new Set(buckets.map((bucket) => bucket.name));
    return Object.entries(actions).flatMap(([address, planned]) => {
      expect(planned).toEqual(["create"]);
      return there.has(`${name}-${/\[(\d+)\]/.exec(address)?.[1]}`) ? [address] : [];
    });
  }
});

describe("the packed program", () => {
  const running: ChildProcess[] = [];
  afterAll(() => {
    for (const child of running) child.kill("SIGKILL");
  });

  function start(env: Record<string, string>): {
    child: ChildProcess;
    line: Promise<string>;
    ended: Promise<number | null>;
    stderr: () => string;
  } {
    const child = spawn(provider.executable, [], {
      env: { PATH: process.env.PATH ?? "", TMPDIR: folder, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.push(child);
    let errors = "";
    child.stderr?.on("data", (chunk) => {
      errors += String(chunk);
    });
    return {
      child,
      line: new Promise((resolve) => child.stdout?.once("data", (chunk) => resolve(String(chunk)))),
      ended: new Promise((resolve) => child.once("close", resolve)),
      stderr: () => errors,
    };
  }

  const HOST = { TF_PLUGIN_MAGIC_COOKIE: COOKIE, PLUGIN_PROTOCOL_VERSIONS: "5,6" };

  test("says what it is to who starts it by hand, and to a host that is too old", async () => {
    const alone = start({});
    expect(await alone.ended).toBe(1);
    expect(alone.stderr()).toContain("This program is a plugin of Terraform and OpenTofu");
    const old = start({ ...HOST, PLUGIN_PROTOCOL_VERSIONS: "4,5" });
    expect(await old.ended).toBe(1);
    expect(old.stderr()).toContain("needs Terraform 1.0 or later");
  });

  test("threat: only the host that started it is let in, and its socket is gone with it", async () => {
    const [host, stranger] = [selfSignedCertificate(), selfSignedCertificate()];
    const { line, ended } = start({ ...HOST, PLUGIN_CLIENT_CERT: host.certificatePem });
    const [core, protocol, network, address, kind, shown = ""] = (await line).trim().split("|");
    expect([core, protocol, network, kind]).toEqual(["1", "6", "unix", "grpc"]);
    expect(shown).toMatch(/^[A-Za-z0-9+/]+$/);
    const padded = Buffer.from(shown, "base64").toString("base64");
    const root = Buffer.from(`-----BEGIN CERTIFICATE-----\n${padded}\n-----END CERTIFICATE-----\n`);
    const options = { "grpc.ssl_target_name_override": "localhost", "grpc.default_authority": "localhost" };
    const call = (channel: Parameters<typeof credentials.createSsl>) =>
      new Promise<boolean>((resolve) => {
        const client = new ProviderClient(`unix:${address}`, credentials.createSsl(...channel), options);
        client.getMetadata({}, { deadline: Date.now() + 5_000 } as never, (error: unknown) => {
          client.close();
          resolve(error === null);
        });
      });
    const own = (pair: typeof host): [Buffer, Buffer] => [Buffer.from(pair.keyPem), Buffer.from(pair.certificatePem)];
    expect(await call([root, ...own(host)])).toBe(true);
    expect(await call([root, ...own(stranger)])).toBe(false);
    expect(await call([root])).toBe(false);
    const controller = new GRPCControllerClient(`unix:${address}`, credentials.createSsl(root, ...own(host)), options);
    await new Promise((resolve) => controller.shutdown({}, resolve));
    controller.close();
    expect(await ended).toBe(0);
    expect((await readdir(folder)).filter((name) => name.startsWith("relay-plugin-"))).toEqual([]);
  });

  test("takes no more memory than it may", async () => {
    const { child, line } = start(HOST);
    await line;
    const status = await readFile(`/proc/${child.pid}/status`, "utf8");
    expect(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(120 * 1024);
    child.kill("SIGTERM");
  });
});
