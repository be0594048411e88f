import { randomBytes } from "node:crypto";
import { rootCertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { describePulumi } from "./support/describe-engine.js";
import type { PulumiProject } from "./support/pulumi-project.js";
import type { PulumiRun } from "./support/pulumi-run.js";
import { type Declared, declare, makeRelayProgram, relayEnvironment } from "./support/relay-pulumi.js";

type Values = Readonly<Record<string, unknown>>;

interface Case {
  readonly type: Declared["type"];
  /** What it is called here: its type, and what tells it from others of the type. */
  readonly label: string;
  /** The only arguments that it needs. */
  readonly minimal: Values;
  /** Every argument but the name, none as its default. */
  readonly full: Values;
  /** Every argument that can change in place, otherwise than in `full`. */
  readonly updates: Values;
  /** What the update is told to change, by its ways. */
  readonly diff: readonly string[];
  /** What the state shows of an object without the optional arguments. */
  readonly defaults: Values;
  /** A change behind Pulumi's back, as the body of a PUT. */
  readonly drift: Values;
}

const OWN_SECRET = randomBytes(32).toString("base64url");
const OTHER_SECRET = randomBytes(32).toString("base64url");
const [PASSWORD, BEARER] = ["correct-horse", "battery-staple"];
const SIGNED = ["signed-with-one", "signed-with-two", "signed-with-three"];
const AUTHORITY = rootCertificates[0];

const CASES: readonly Case[] = [
  {
    type: "Function",
    label: "Function",
    minimal: { payload: "r.stopForwarding()" },
    full: {
      description: "all",
      driver: "lua",
      payload: "r:SetRequestBody(cfg:GetValue('KEY'))",
      variables: { KEY: "variable-one", OTHER: "two" },
    },
    updates: {
      description: "changed",
      driver: "js",
      payload: "r.setBody(cfg.get('KEY'))",
      variables: { KEY: "variable-three" },
    },
    diff: ["description", "driver", "payload", "variables.KEY", "variables.OTHER"],
    defaults: { description: "", driver: "js" },
    drift: { description: "meddled with" },
  },
  {
    type: "Bucket",
    label: "Bucket",
    minimal: {},
    full: {
      description: "all",
      auth: { type: "basic", username: "github", password: PASSWORD },
      stream: false,
      ephemeral: true,
      largeWebhooks: true,
    },
    updates: {
      description: "changed",
      auth: { type: "token", token: BEARER },
      stream: true,
      ephemeral: false,
      largeWebhooks: false,
    },
    diff: [
      "auth.password",
      "auth.token",
      "auth.type",
      "auth.username",
      "description",
      "ephemeral",
      "largeWebhooks",
      "stream",
    ],
    defaults: {
      description: "",
      auth: { type: "none", username: "" },
      stream: true,
      ephemeral: false,
      largeWebhooks: false,
    },
    drift: { description: "meddled with", stream: false },
  },
  {
    type: "Input",
    label: "Input",
    minimal: { bucket: "@home.id" },
    full: {
      bucket: "@home.id",
      description: "all",
      statusCode: 202,
      headers: { "Content-Type": ["text/plain"], "X-Two": ["a", "b"] },
      body: "noted",
      verification: { type: "github", secret: SIGNED[0], previousSecret: SIGNED[1] },
      function: "@minimal-Function.id",
    },
    updates: {
      description: "changed",
      statusCode: 204,
      headers: { "X-Two": ["a", "c"], "X-Three": ["d"] },
      body: "again",
      verification: {
        type: "hmac",
        secret: SIGNED[2],
        previousSecret: SIGNED[1],
        header: "X-Signature",
        algorithm: "sha512",
        tolerance: 60,
        timestampHeader: "X-Timestamp",
      },
      function: "@Function.id",
    },
    diff: [
      "body",
      "description",
      "function",
      'headers["Content-Type"]',
      'headers["X-Three"]',
      'headers["X-Two"]',
      "statusCode",
      "verification.algorithm",
      "verification.header",
      "verification.secret",
      "verification.timestampHeader",
      "verification.tolerance",
      "verification.type",
    ],
    defaults: { description: "", statusCode: 0, headers: {}, body: "", verification: { type: "none" }, function: "" },
    drift: { description: "meddled with", status_code: 201 },
  },
  {
    type: "Output",
    label: "Output",
    minimal: { bucket: "@home.id", destination: "http://localhost:3000/hooks" },
    full: {
      bucket: "@home.id",
      destination: "https://ci.example.com/hooks",
      description: "all",
      disabled: true,
      lockPath: true,
      headers: { "X-Environment": ["staging"] },
      timeout: 30,
      tlsVerification: true,
      agents: "each",
      retry: { schedule: "custom", delays: ["5s", "1m"], deadline: "12h" },
      throttle: { rate: 10, interval: "minute", maxConcurrent: 2 },
      order: { by: "header", name: "X-Key" },
      rules: { match: { type: "value", parameter: { source: "header", name: "X-Event" }, value: "push" } },
      function: "@minimal-Function.id",
    },
    updates: {
      destination: "http://localhost:4000/",
      description: "changed",
      disabled: false,
      lockPath: false,
      headers: { "X-Environment": ["production"] },
      timeout: 60,
      tlsVerification: false,
      agents: "one",
      retry: { schedule: "custom", delays: ["5s", "2m", "1h"], deadline: "1h" },
      throttle: { rate: 20, interval: "hour", maxConcurrent: 3 },
      order: { by: "payload", name: "data.object.id" },
      rules: { not: [{ match: { type: "ip-whitelist", "ip-range": "10.0.0.0/8" } }] },
      function: "@Function.id",
    },
    diff: [
      "agents",
      "description",
      "destination",
      "disabled",
      "function",
      'headers["X-Environment"]',
      "lockPath",
      "order.by",
      "order.name",
      "retry.deadline",
      "retry.delays[1]",
      "retry.delays[2]",
      "rules",
      "throttle.interval",
      "throttle.maxConcurrent",
      "throttle.rate",
      "timeout",
      "tlsVerification",
    ],
    defaults: {
      description: "",
      disabled: false,
      lockPath: false,
      headers: {},
      timeout: 0,
      tlsVerification: false,
      agents: "one",
      internal: true,
      retry: { schedule: "default", delays: [], deadline: "" },
      throttle: { rate: 0, interval: "second", maxConcurrent: 0 },
      order: { by: "none", name: "" },
      function: "",
    },
    drift: { destination: "http://localhost:9999/meddled", throttle: { rate: 1 } },
  },
  {
    type: "Output",
    label: "PublicOutput",
    minimal: { bucket: "@home.id", destination: "https://hooks.example.com/hooks", internal: false },
    full: {
      bucket: "@home.id",
      destination: "https://hooks.example.com/{{ webhook.id }}",
      internal: false,
      tls: { ca: AUTHORITY, serverName: "a.example.com" },
      authentication: { type: "header", header: "X-Api-Key", token: BEARER },
      signing: { type: "hmac", secret: SIGNED[0], header: "X-Sig", prefix: "v1=", algorithm: "sha512" },
      timeouts: { dns: 1, connect: 2, tls: 3, headers: 4, body: 5 },
    },
    updates: {
      destination: "https://hooks.example.com/other",
      tls: { ca: AUTHORITY, serverName: "b.example.com" },
      authentication: { type: "basic", username: "relay", password: PASSWORD },
      signing: { type: "hmac", secret: SIGNED[2], header: "X-Sig", prefix: "v2=", algorithm: "sha256" },
      timeouts: { dns: 1, connect: 2, tls: 3, headers: 4, body: 6 },
    },
    diff: [
      "authentication.header",
      "authentication.password",
      "authentication.token",
      "authentication.type",
      "authentication.username",
      "destination",
      "signing.algorithm",
      "signing.prefix",
      "signing.secret",
      "timeouts.body",
      "tls.serverName",
    ],
    defaults: { internal: false },
    drift: { destination: "https://hooks.example.com/meddled", timeouts: { dns: 9 } },
  },
  {
    type: "Cron",
    label: "Cron",
    minimal: { bucket: "@home.id", schedule: "@daily" },
    full: {
      bucket: "@home.id",
      schedule: "30 2 * * *",
      description: "all",
      enabled: false,
      timezone: "Europe/Berlin",
      recurring: false,
      startsAt: "2026-12-01T00:00:00Z",
      endsAt: "2099-12-01T00:00:00+01:00",
      startWithin: 300,
      missed: "once",
      method: "PUT",
      path: "/reports?kind=daily",
      headers: { "Content-Type": ["text/plain"] },
      payload: "report",
    },
    updates: {
      schedule: "@every 10m",
      description: "changed",
      enabled: true,
      timezone: "Asia/Tokyo",
      recurring: true,
      startsAt: "2026-12-02T00:00:00Z",
      endsAt: "2099-12-02T00:00:00Z",
      startWithin: 301,
      missed: "skip",
      method: "PATCH",
      path: "/other",
      headers: { "Content-Type": ["text/x-report"] },
      payload: "again",
    },
    diff: [
      "description",
      "enabled",
      "endsAt",
      'headers["Content-Type"]',
      "method",
      "missed",
      "path",
      "payload",
      "recurring",
      "schedule",
      "startWithin",
      "startsAt",
      "timezone",
    ],
    defaults: {
      description: "",
      enabled: true,
      timezone: "UTC",
      recurring: true,
      startsAt: "",
      endsAt: "",
      startWithin: 60,
      missed: "skip",
      method: "POST",
      path: "",
      headers: {},
      payload: "",
    },
    drift: { description: "meddled with", schedule: "@hourly" },
  },
  {
    type: "Token",
    label: "Token",
    minimal: {},
    full: {
      description: "all",
      active: false,
      apiAccess: "enabled",
      scopes: { buckets: ["one", "two"], tunnels: ["t"] },
      expiresAt: 4_000_000_000,
      ownSecret: OWN_SECRET,
      rotationTrigger: { month: "1" },
      rotationGrace: 60,
    },
    updates: {
      description: "changed",
      active: true,
      apiAccess: "disabled",
      scopes: { buckets: ["two", "three"], tunnels: [] },
      expiresAt: 4_100_000_000,
      ownSecret: OTHER_SECRET,
      rotationTrigger: { month: "2" },
      rotationGrace: 0,
    },
    diff: [
      "active",
      "apiAccess",
      "description",
      "expiresAt",
      "ownSecret",
      "rotationGrace",
      "rotationTrigger.month",
      "scopes.buckets[0]",
      "scopes.buckets[1]",
      "scopes.tunnels[0]",
    ],
    defaults: {
      description: "",
      active: true,
      apiAccess: "disabled",
      scopes: { buckets: [], tunnels: [] },
      expiresAt: 0,
      rotationTrigger: {},
      rotationGrace: 3600,
    },
    drift: { description: "meddled with", api_access: "enabled", active: false },
  },
];

/** Secrets, what has some in it, and references. */
const UNSHOWN = new Set(["auth", "authentication", "function", "ownSecret", "signing", "variables", "verification"]);

const REPLACES = expect.objectContaining({ diffKind: "update-replace" });

const HOME: Declared[] = [
  { type: "Bucket", name: "home" },
  { type: "Bucket", name: "other", args: { name: "other bucket" } },
];

describePulumi("every resource", (engine) => {
  let server: TestServer;
  let project: PulumiProject;
  beforeAll(async () => {
    server = await runServer();
  });
  afterAll(() => server.close());
  afterEach(() => project.close());

  const all = (args: (each: Case) => Values): Declared[] => [
    ...HOME,
    ...CASES.map((each) => ({ type: each.type, name: `minimal-${each.label}`, args: each.minimal })),
    ...CASES.map((each) => ({ type: each.type, name: each.label, args: { name: `my ${each.label}`, ...args(each) } })),
  ];
  const stepOf = (run: Pick<PulumiRun, "steps">, name: string) =>
    run.steps.find(({ urn }) => urn.endsWith(`::${name}`));
  const states = async () => {
    const resources = await project.resources();
    return (name: string) => resources.find(({ urn }) => String(urn).endsWith(`::${name}`)) ?? {};
  };

  test("is made, changed in place, reset, replaced, lost and found again", async () => {
    project = await makeRelayProgram(engine, relayEnvironment(server));

    await declare(
      project,
      all(({ full }) => full),
    );
    // The first plan knows nothing of the buckets that the others are in.
    const planned = await project.preview();
    expect(planned.steps.filter(({ op }) => op === "create")).toHaveLength(all(({ full }) => full).length + 1);
    expect(stepOf(planned, "minimal-Bucket")?.newState.inputs).toMatchObject({ stream: true, auth: { type: "none" } });
    const made = await project.up();
    expect(made.failed).toEqual([]);
    expect(made.steps.filter(({ op }) => op === "create")).toHaveLength(all(({ full }) => full).length + 1);
    await project.preview(["--expect-no-changes"]);
    let stateOf = await states();
    for (const { label, minimal, defaults } of CASES) {
      const { outputs, id } = stateOf(`minimal-${label}`);
      const { bucket: _, ...given } = minimal;
      expect(outputs).toMatchObject({ ...defaults, ...given });
      expect(outputs.name).toMatch(new RegExp(`^minimal-${label}-[0-9a-f]{7}$`));
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
    }

    await declare(
      project,
      all(({ full, updates }) => ({ ...full, ...updates })),
    );
    const updated = await project.up();
    for (const { label, diff } of CASES) {
      const step = stepOf(updated, label);
      expect(step?.op).toBe("update");
      expect(Object.keys(step?.detailedDiff ?? {}).sort()).toEqual([...diff].sort());
    }
    expect(updated.steps).toHaveLength(CASES.length);
    stateOf = await states();
    for (const { label, updates } of CASES) {
      const shown = Object.entries(updates).filter(([name]) => !UNSHOWN.has(name));
      expect(stateOf(label).outputs).toMatchObject(Object.fromEntries(shown));
    }

    await declare(
      project,
      all(({ minimal }) => minimal),
    );
    const reset = await project.up();
    expect(reset.failed).toEqual([]);
    stateOf = await states();
    for (const { label, defaults } of CASES) {
      expect(stepOf(reset, label)?.op).toBe("update");
      expect(stateOf(label).outputs).toMatchObject(defaults);
    }

    // Without one of its own the token got a secret from the server, and it is the engine's to keep.
    expect(stateOf("Token").outputs.secret).toMatchObject({ ciphertext: expect.any(String) });

    const moved = all(({ minimal }) => ("bucket" in minimal ? { ...minimal, bucket: "@other.id" } : minimal));
    await declare(project, moved);
    const replaced = await project.up();
    expect(replaced.failed).toEqual([]);
    for (const { label, minimal } of CASES) {
      const step = stepOf({ steps: replaced.steps.filter(({ op }) => op === "replace") }, label);
      expect(step?.detailedDiff ?? null).toEqual("bucket" in minimal ? { bucket: REPLACES } : null);
    }
    stateOf = await states();
    const [home, other] = [stateOf("home").id, stateOf("other").id];
    expect(await server.must("GET", `/v1/buckets/${home}`)).toMatchObject({ inputs: [{}], outputs: [{}, {}] });
    expect(await server.must("GET", `/v1/buckets/${other}`)).toMatchObject({
      managed_by: "pulumi",
      inputs: [{ name: "my Input" }],
      outputs: [{ name: "my Output" }, { name: "my PublicOutput" }],
    });

    // The same bucket by its name is the same bucket.
    await declare(
      project,
      all(({ minimal }) => ("bucket" in minimal ? { ...minimal, bucket: "other bucket" } : minimal)),
    );
    expect((await project.up()).steps).toEqual([]);
    // But by a name alone the engine does not know what must go before the bucket does.
    await declare(project, moved);

    stateOf = await states();
    const paths = new Map<string, string>();
    for (const { type, label } of CASES) {
      const { id, outputs } = stateOf(label);
      const plural = `${type.toLowerCase()}s`;
      paths.set(
        label,
        outputs.bucketId === undefined ? `/v1/${plural}/${id}` : `/v1/buckets/${outputs.bucketId}/${plural}/${id}`,
      );
    }
    for (const { label, drift } of CASES) await server.must("PUT", paths.get(label) ?? "", drift);
    const repaired = await project.up(["--refresh"]);
    for (const { label } of CASES)
      expect(stepOf({ steps: repaired.steps.filter(({ op }) => op === "update") }, label)?.op).toBe("update");
    await project.preview(["--refresh", "--expect-no-changes"]);
    for (const { label, drift } of CASES) {
      const view = await server.must("GET", paths.get(label) ?? "");
      for (const [name, value] of Object.entries(drift)) expect(view[name]).not.toEqual(value);
    }

    for (const { label } of [...CASES].reverse()) await server.must("DELETE", paths.get(label) ?? "");
    const found = await project.up(["--refresh"]);
    const again = found.steps.filter(({ op }) => op === "create").map(({ urn }) => urn.split("::").at(-1));
    expect(again.sort()).toEqual(CASES.map(({ label }) => label).sort());

    expect((await project.destroy()).failed).toEqual([]);
    expect(await project.resources()).toEqual([]);
    expect(await server.must("GET", "/v1/buckets")).toEqual([]);
  }, 240_000);
});
