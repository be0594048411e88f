import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRecordingDestination } from "../../agent/test/e2e/support/recording-destination.js";
import { runAgent, type TestAgent } from "../../agent/test/e2e/support/run-agent.js";
import { SEQUENCE } from "../../agent/test/e2e/support/steady-load.js";
import { SETTINGS } from "../../server/src/config/settings.js";
import { waitFor } from "../../server/test/support/wait-for.js";
import { declaredPods } from "./support/pod/declared-pods.js";
import { type CallOptions, RelayInPods } from "./support/pod/relay-in-pods.js";
import { containersOf } from "./support/pods-of.js";
import { programOf } from "./support/program.js";

/** Number of a webhook whose destination takes until it is told. */
const SLOW = 1_000;
const WAIT = { timeoutMs: 60_000, everyMs: 50 };

/** Whoever may not mount cannot run it; in CI a gap would go unnoticed, so there it fails. */
const mayMount = process.platform === "linux" && process.getuid?.() === 0;
if (!mayMount) console.warn("NOT TESTED without root: that the pods run as they are declared.");

// One story: the pods of a release, from their migrations to a server's end. Command, environment, probes, volumes and rights
// are the program's own.
describe.skipIf(!mayMount && process.env.CI !== "true")("the pods of a production stack (needs root)", async () => {
  const declared = declaredPods(await programOf("prod"));
  const { server, container, setting, administrator, callers, edgeAddress } = declared;
  let relay: RelayInPods;
  let destination: Awaited<ReturnType<typeof startRecordingDestination>>;
  let agent: TestAgent | undefined;
  let before: readonly string[];
  let bucket: { id: string };
  let input: { id: string; url: string };

  beforeAll(async () => {
    destination = await startRecordingDestination(({ sequence }) => (sequence === SLOW ? Number.POSITIVE_INFINITY : 0));
    relay = await RelayInPods.prepare(declared);
  }, 400_000);
  afterAll(async () => {
    await agent?.close();
    await relay?.close();
    await destination?.stop();
  }, 120_000);

  let sent = 0;
  /** Posts a webhook, and gives its number. */
  async function post({ number = ++sent, headers, ...rest }: CallOptions & { number?: number } = {}): Promise<number> {
    const answer = await relay.call(input.url, {
      method: "POST",
      headers: { [SEQUENCE]: String(number), ...headers },
      body: `webhook ${number}`,
      ...rest,
    });
    expect(answer.status).toBe(200);
    return number;
  }

  test("a server that comes before its migrations says so and ends, to be started again", async () => {
    const early = await relay.start(server, "too-early");
    expect(await early.process.exit).toBe(1);
    expect(early.process.stderr).toMatch(/Run the same program with the word migrate first/);
  }, 60_000);

  test("the migrations' pod brings the database up, and makes the role that servers act as", async () => {
    const job = await relay.start(declared.migrations, "migrations");
    expect([await job.process.exit, job.process.stderr]).toEqual([0, ""]);
    const { rows } = await relay.database.query(
      "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'",
    );
    expect(rows).toEqual([{ tableowner: setting("DATABASE_ROLE") }]);
  }, 60_000);

  test("the server's pod answers its probes as declared, as the user and with the rights that are declared", async () => {
    before = await listing(relay.image.root);
    const pod = await relay.serve("relay-1");
    await pod.passes("livenessProbe");
    const id = await pod.process.pid();
    const status = await readFile(`/proc/${id}/status`, "utf8");
    const { runAsUser, runAsGroup } = server.spec.securityContext as Record<string, number>;
    expect(status).toMatch(new RegExp(`^Uid:(\\t${runAsUser}){4}$`, "m"));
    expect(status).toMatch(new RegExp(`^Gid:(\\t${runAsGroup}){4}$`, "m"));
    for (const set of ["Inh", "Prm", "Eff", "Amb"]) expect(status).toMatch(new RegExp(`^Cap${set}:\\t0+$`, "m"));
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(await readFile(`/proc/${id}/mountinfo`, "utf8")).toMatch(/^\d+ \d+ \S+ \S+ \/ ro,/m);
    expect(container.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
  }, 180_000);

  test("its administrator sets it up over HTTPS, and an input's URL is the public one", async () => {
    const made = await relay.api<{ id: string; inputs: { id: string; url: string }[] }>("POST", "/v1/buckets", {
      json: { name: "orders" },
    });
    expect(made.status).toBeLessThan(300);
    bucket = made.json;
    const [first] = made.json.inputs;
    if (first === undefined) throw new Error("a new bucket has an input");
    input = first;
    expect(input.url).toBe(`${setting("PUBLIC_URL")}/v1/webhooks/${input.id}`);
    const output = { name: "in", destination: `${destination.url}/orders`, internal: true };
    expect((await relay.api("POST", `/v1/buckets/${bucket.id}/outputs`, { json: output })).status).toBeLessThan(300);
    // Sealed under the key that the pod names, and no other: no key file is made.
    expect(relay.kms.calls.map(({ operation, key, code }) => [operation, key, code])).toContainEqual([
      "encrypt",
      setting("KMS_KEY"),
      0,
    ]);
    expect(await readdir(relay.serving[0]?.volumes.get("data") ?? "")).toEqual(["tls"]);
  }, 60_000);

  test("the load balancer's word on who the sender is counts", async () => {
    const forwarded = { "x-forwarded-for": `203.0.113.66, 203.0.113.9, ${edgeAddress}` };
    await post({ headers: forwarded });
    const { json } = await relay.api<{ data: { ip_address: string }[] }>("GET", `/v1/logs?bucket=${bucket.id}`);
    expect(json.data.map(({ ip_address }) => ip_address)).toEqual(["203.0.113.9"]);
  }, 60_000);

  test("threat: a pod nearby says that it speaks for somebody else; its own address is noted", async () => {
    await post({ from: "neighbour", headers: { "x-forwarded-for": `203.0.113.9, ${edgeAddress}` } });
    const { json } = await relay.api<{ data: { ip_address: string }[] }>("GET", `/v1/logs?bucket=${bucket.id}`);
    expect(json.data.map(({ ip_address }) => ip_address).sort()).toEqual([callers.neighbour, "203.0.113.9"]);
  }, 60_000);

  test("an agent behind the load balancer is handed webhooks by gRPC, also those of before", async () => {
    const second = await relay.serve("relay-2");
    const https = `https://${await relay.edge("https")}`;
    const token = await relay.api<{ key: string; secret: string }>("POST", "/v1/tokens", {
      json: { description: "agent" },
    });
    agent = await runAgent({
      adminKey: token.json.key,
      adminSecret: token.json.secret,
      at: { http: https, https, grpc: await relay.edge("grpc"), caFile: await relay.authorities() },
    });
    const posted = [await post(), await post({ pod: second })];
    await destination.allArrived([1, 2, ...posted], WAIT.timeoutMs);
  }, 180_000);

  test("another secret in the mounted file works on every server without a restart, and the one before no more", async () => {
    const next = "another-secret-of-the-administrator-0123456";
    await relay.secret.put(next);
    for (const pod of relay.serving) {
      await waitFor(
        "the new secret to work",
        async () => (await relay.api("GET", "/v1/buckets", { pod, secret: next })).status === 200,
        // Seldom: a wrong secret is a guess, and who guesses waits longer each time.
        { ...WAIT, everyMs: 1_000 },
      );
      expect((await relay.api("GET", "/v1/buckets", { pod })).status).toBe(401);
    }
    expect(relay.serving.map(({ process }) => process.stderr)).toEqual(["", ""]);
  }, 120_000);

  test("on SIGTERM it is not ready any more, ends what is in flight, and is gone in time; the other takes over", async () => {
    const [first, second] = relay.serving;
    const { readinessProbe: ready, livenessProbe: alive } = container;
    if (first === undefined || second === undefined || !ready || !alive) throw new Error("two servers with probes");
    const { preStop } = container.lifecycle as { preStop: { sleep: { seconds: number } } };
    const graceMs = ((server.spec.terminationGracePeriodSeconds ?? 30) - preStop.sleep.seconds) * 1_000;
    await post({ number: SLOW });
    await destination.allArrived([SLOW], WAIT.timeoutMs);

    const began = performance.now();
    const ended = first.process.stop("SIGTERM");
    await waitFor("readiness to end", async () => (await first.probe(ready)).status === 503, WAIT);
    expect((await first.probe(alive)).status).toBe(200);
    relay.serving.shift();
    const meanwhile = await post();
    destination.answerWaiting();
    expect(await ended).toBe(0);
    expect(performance.now() - began).toBeLessThan(graceMs);
    expect(first.process.stdout).toContain('"server.stopped"');

    await destination.allArrived([meanwhile, await post()], WAIT.timeoutMs);
    // Answered while the server drained, so nobody hands it out again.
    expect(destination.arrivals.filter(({ sequence }) => sequence === SLOW)).toHaveLength(1);
  }, 180_000);

  test("nothing was written but to the volumes, and less than they may hold", async () => {
    expect(await listing(relay.image.root)).toEqual(before);
    for (const pod of relay.running) {
      for (const { name, bytes, limit } of await pod.written()) {
        expect(bytes, name).toBeLessThan(limit);
        if (name === "tmp") expect(bytes).toBe(0);
      }
    }
  });

  test("threat: a captured server changes its programs or its secret; it writes to its volumes alone", async () => {
    const mounts = container.volumeMounts ?? [];
    const places = [
      "/app/server/dist",
      "/app",
      "/etc",
      "/",
      "/var/lib",
      "/run",
      ...mounts.map((each) => each.mountPath),
    ];
    const attempt = `
      const { writeFileSync } = require("node:fs");
      const write = (folder) => { try { writeFileSync(folder + "/new", "x"); return "written"; } catch (error) { return error.code; } };
      const become = () => { try { process.setuid(0); return "root"; } catch (error) { return error.code; } };
      process.stdout.write(JSON.stringify([...${JSON.stringify(places)}.map(write), become()]));`;
    const captured = await relay.start(server, "captured", ["/nodejs/bin/node", "-e", attempt]);
    expect(await captured.process.exit).toBe(0);
    const results = JSON.parse(captured.process.stdout) as string[];
    const written = places.filter((_, index) => results[index] === "written");
    expect(written).toEqual(mounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath));
    expect(results.at(-1)).toBe("EPERM");
  }, 60_000);

  test("threat: somebody reads a running pod's environment; it holds no secret, only the files that do", async () => {
    const id = await relay.serving[0]?.process.pid();
    const environment = await readFile(`/proc/${id}/environ`, "utf8");
    expect(environment).toContain(`KMS_KEY=${setting("KMS_KEY")}`);
    const names = environment.split("\0").map((each) => each.split("=")[0]);
    for (const each of SETTINGS) if ("secret" in each) expect(names).not.toContain(each.variable);
    for (const value of [administrator.secret, "another-secret", "BEGIN"]) expect(environment).not.toContain(value);
    const texts = declared.pods.flatMap(containersOf).flatMap(({ env, args = [] }) => [...(env ?? []), ...args]);
    expect(JSON.stringify(texts)).not.toContain(administrator.secret);
    for (const { process } of relay.running)
      expect(process.stdout + process.stderr).not.toContain(administrator.secret);
  });
});

/** Every path of the image with its size and time of change, without what is mounted there. */
async function listing(root: string): Promise<string[]> {
  const paths = (await readdir(root, { recursive: true })).filter((path) => !/^(proc|dev|tmp)\//.test(path));
  return Promise.all(
    paths.sort().map(async (path) => {
      const { size, mtimeMs, ctimeMs } = await stat(join(root, path));
      return `${path} ${size} ${mtimeMs} ${ctimeMs}`;
    }),
  );
}
