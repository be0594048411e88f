import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { describePulumi } from "./support/describe-engine.js";
import type { PulumiProject } from "./support/pulumi-project.js";
import type { PulumiRun } from "./support/pulumi-run.js";
import { type Declared, declare, makeRelayProgram, relayEnvironment } from "./support/relay-pulumi.js";

type Values = Readonly<Record<string, unknown>>;

interface Case {
  readonly type: Declared["type"];
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

const CASES: readonly Case[] = [
  {
    type: "Function",
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
    minimal: { bucket: "@home.id" },
    full: {
      bucket: "@home.id",
      description: "all",
      statusCode: 202,
      headers: { "Content-Type": ["text/plain"], "X-Two": ["a", "b"] },
      body: "noted",
    },
    updates: {
      description: "changed",
      statusCode: 204,
      headers: { "X-Two": ["a", "c"], "X-Three": ["d"] },
      body: "again",
    },
    diff: ["body", "description", 'headers["Content-Type"]', 'headers["X-Three"]', 'headers["X-Two"]', "statusCode"],
    defaults: { description: "", statusCode: 0, headers: {}, body: "" },
    drift: { description: "meddled with", status_code: 201 },
  },
  {
    type: "Output",
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
    },
    diff: [
      "agents",
      "description",
      "destination",
      "disabled",
      'headers["X-Environment"]',
      "lockPath",
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
    },
    drift: { destination: "http://localhost:9999/meddled" },
  },
  {
    type: "Cron",
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
    ...CASES.map((each) => ({ type: each.type, name: `minimal-${each.type}`, args: each.minimal })),
    ...CASES.map((each) => ({ type: each.type, name: each.type, args: { name: `my ${each.type}`, ...args(each) } })),
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
    for (const { type, minimal, defaults } of CASES) {
      const { outputs, id } = stateOf(`minimal-${type}`);
      const { bucket: _, ...given } = minimal;
      expect(outputs).toMatchObject({ ...defaults, ...given });
      expect(outputs.name).toMatch(new RegExp(`^minimal-${type}-[0-9a-f]{7}$`));
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
    }

    await declare(
      project,
      all(({ full, updates }) => ({ ...full, ...updates })),
    );
    const updated = await project.up();
    for (const { type, diff } of CASES) {
      const step = stepOf(updated, type);
      expect(step?.op).toBe("update");
      expect(Object.keys(step?.detailedDiff ?? {}).sort()).toEqual([...diff].sort());
    }
    expect(updated.steps).toHaveLength(CASES.length);
    stateOf = await states();
    for (const { type, updates } of CASES) {
      const { auth: _a, ownSecret: _o, variables: _v, ...shown } = updates as Record<string, unknown>;
      expect(stateOf(type).outputs).toMatchObject(shown);
    }

    await declare(
      project,
      all(({ minimal }) => minimal),
    );
    const reset = await project.up();
    expect(reset.failed).toEqual([]);
    stateOf = await states();
    for (const { type, defaults } of CASES) {
      expect(stepOf(reset, type)?.op).toBe("update");
      expect(stateOf(type).outputs).toMatchObject(defaults);
    }

    // Without one of its own the token got a secret from the server, and it is the engine's to keep.
    expect(stateOf("Token").outputs.secret).toMatchObject({ ciphertext: expect.any(String) });

    const moved = all(({ minimal }) => ("bucket" in minimal ? { ...minimal, bucket: "@other.id" } : minimal));
    await declare(project, moved);
    const replaced = await project.up();
    expect(replaced.failed).toEqual([]);
    for (const { type, minimal } of CASES) {
      const step = stepOf({ steps: replaced.steps.filter(({ op }) => op === "replace") }, type);
      expect(step?.detailedDiff ?? null).toEqual("bucket" in minimal ? { bucket: REPLACES } : null);
    }
    stateOf = await states();
    const [home, other] = [stateOf("home").id, stateOf("other").id];
    expect(await server.must("GET", `/v1/buckets/${home}`)).toMatchObject({ inputs: [{}], outputs: [{}] });
    expect(await server.must("GET", `/v1/buckets/${other}`)).toMatchObject({
      managed_by: "pulumi",
      inputs: [{ name: "my Input" }],
      outputs: [{ name: "my Output" }],
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
    for (const { type } of CASES) {
      const { id, outputs } = stateOf(type);
      const plural = `${type.toLowerCase()}s`;
      paths.set(
        type,
        outputs.bucketId === undefined ? `/v1/${plural}/${id}` : `/v1/buckets/${outputs.bucketId}/${plural}/${id}`,
      );
    }
    for (const { type, drift } of CASES) await server.must("PUT", paths.get(type) ?? "", drift);
    const repaired = await project.up(["--refresh"]);
    for (const { type } of CASES)
      expect(stepOf({ steps: repaired.steps.filter(({ op }) => op === "update") }, type)?.op).toBe("update");
    await project.preview(["--refresh", "--expect-no-changes"]);
    for (const { type, drift } of CASES) {
      const view = await server.must("GET", paths.get(type) ?? "");
      for (const [name, value] of Object.entries(drift)) expect(view[name]).not.toEqual(value);
    }

    for (const { type } of [...CASES].reverse()) await server.must("DELETE", paths.get(type) ?? "");
    const found = await project.up(["--refresh"]);
    const again = found.steps.filter(({ op }) => op === "create").map(({ urn }) => urn.split("::").at(-1));
    expect(again.sort()).toEqual(CASES.map(({ type }) => type).sort());

    expect((await project.destroy()).failed).toEqual([]);
    expect(await project.resources()).toEqual([]);
    expect(await server.must("GET", "/v1/buckets")).toEqual([]);
  }, 240_000);
});
