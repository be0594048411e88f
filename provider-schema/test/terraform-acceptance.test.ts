import { randomBytes } from "node:crypto";
import { rootCertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { describeTerraform } from "./support/describe-engine.js";
import { freshName, makeRelayProject, type RelayProject, ref } from "./support/relay-terraform.js";
import type { Plan } from "./support/terraform-project.js";

type Values = Readonly<Record<string, unknown>>;

interface Case {
  readonly type: string;
  /** Tells it from others of its type. */
  readonly kind?: string;
  /** The only attributes that it needs, without the name. */
  readonly minimal: Values;
  /** Every attribute that can be written, none as its default. */
  readonly full: Values;
  /** Each attribute that can change in place, with another value than in `full`. */
  readonly updates: Values;
  /** Each attribute by which another object takes its place. */
  readonly replaces: Values;
  /** What an object without the attribute has, for those that `full` sets and that have a default. */
  readonly defaults: Values;
  /** What an import cannot find out. */
  readonly unreadable: readonly string[];
  /** A change behind terraform's back, as the body of a PUT. */
  readonly drift: Values;
  /** Attributes of what it belongs to. */
  readonly inBucket: boolean;
}

const OWN_SECRET = randomBytes(32).toString("base64url");
const OTHER_SECRET = randomBytes(32).toString("base64url");
const STANDARD_SECRET = `whsec_${randomBytes(32).toString("base64")}`;
const AUTHORITY = rootCertificates[0] ?? "";

const CASES: readonly Case[] = [
  {
    type: "function",
    minimal: { payload: "r.stopForwarding()" },
    full: {
      description: "all",
      driver: "lua",
      // In both languages.
      payload: "kept = 1",
      variables: { KEY: "one", OTHER: "two" },
    },
    updates: {
      description: "changed",
      payload: "changed = 1",
      driver: "js",
      variables: { KEY: "three" },
    },
    replaces: {},
    defaults: { description: "", driver: "js" },
    unreadable: ["variables"],
    drift: { description: "meddled with", payload: "r.setBody('')" },
    inBucket: false,
  },
  {
    type: "bucket",
    minimal: {},
    full: {
      description: "all",
      auth: { type: "basic", username: "github", password: "correct horse" },
      stream: false,
      ephemeral: true,
      large_webhooks: true,
    },
    updates: {
      description: "changed",
      auth: { type: "token", token: "battery staple" },
      stream: true,
      ephemeral: false,
      large_webhooks: false,
    },
    replaces: {},
    defaults: {
      description: "",
      auth: { type: "none", username: "" },
      stream: true,
      ephemeral: false,
      large_webhooks: false,
    },
    unreadable: ["auth"],
    drift: { description: "meddled with", stream: false },
    inBucket: false,
  },
  {
    type: "input",
    minimal: {},
    full: {
      description: "all",
      status_code: 202,
      headers: { "Content-Type": ["text/plain"], "X-Two": ["a", "b"] },
      body: "noted",
      verification: { type: "github", secret: "whose-webhooks-are-these", previous_secret: "whose-they-were" },
      function: "first",
    },
    updates: {
      description: "changed",
      status_code: 204,
      headers: { "X-Three": ["c"] },
      body: "again",
      verification: {
        type: "hmac",
        secret: "another-secret",
        algorithm: "sha512",
        encoding: "base64",
        header: "X-Signature",
        prefix: "v1=",
        timestamp_header: "X-Timestamp",
        tolerance: 60,
        signed_content: "{timestamp}.{body}",
      },
      function: "second",
    },
    replaces: { bucket: ref("relay_bucket.other.id") },
    defaults: { description: "", status_code: 0, headers: {}, body: "", verification: { type: "none" }, function: "" },
    // A function is found by its id, and has its name here.
    unreadable: ["verification", "function"],
    drift: { description: "meddled with", status_code: 201 },
    inBucket: true,
  },
  {
    type: "output",
    minimal: { destination: "http://localhost:3000/hooks" },
    full: {
      destination: "https://ci.example.com/hooks",
      description: "all",
      internal: true,
      disabled: true,
      lock_path: true,
      headers: { "X-Environment": ["staging"] },
      timeout: 30,
      tls_verification: true,
      agents: "each",
      retry: { schedule: "custom", delays: ["5s", "1m"], deadline: "12h" },
      throttle: { rate: 10, interval: "minute", max_concurrent: 2 },
      order: { by: "header", name: "X-Key" },
      rules: { match: { type: "value", parameter: { source: "header", name: "X-Event" }, value: "push" } },
      function: "first",
    },
    updates: {
      destination: "https://ci.example.com/other",
      description: "changed",
      disabled: false,
      lock_path: false,
      headers: {},
      timeout: 31,
      tls_verification: false,
      agents: "one",
      retry: { schedule: "seconds", delays: [], deadline: "1h" },
      throttle: { rate: 20, interval: "hour", max_concurrent: 3 },
      order: { by: "payload", name: "data.object.id" },
      rules: { not: [{ match: { type: "ip-whitelist", "ip-range": "10.0.0.0/8" } }] },
      function: "second",
    },
    replaces: { bucket: ref("relay_bucket.other.id") },
    defaults: {
      description: "",
      disabled: false,
      lock_path: false,
      headers: {},
      timeout: 0,
      tls_verification: false,
      agents: "one",
      retry: { schedule: "default", delays: [], deadline: "" },
      throttle: { rate: 0, interval: "second", max_concurrent: 0 },
      order: { by: "none", name: "" },
      function: "",
    },
    unreadable: ["function"],
    drift: { timeout: 99, throttle: { rate: 1 } },
    inBucket: true,
  },
  {
    type: "output",
    kind: "public",
    minimal: { destination: "https://hooks.example.com/hooks", internal: false },
    full: {
      destination: "https://hooks.example.com/{{ webhook.id }}",
      internal: false,
      tls: { ca: AUTHORITY, server_name: "a.example.com" },
      authentication: { type: "header", header: "X-Api-Key", token: "token-one" },
      signing: {
        type: "hmac",
        secret: "signed-with",
        header: "X-Sig",
        prefix: "v1=",
        algorithm: "sha512",
        encoding: "base64",
      },
      timeouts: { dns: 1, connect: 2, tls: 3, headers: 4, body: 5 },
    },
    updates: {
      destination: "https://hooks.example.com/other",
      tls: { ca: AUTHORITY, server_name: "b.example.com" },
      authentication: { type: "basic", username: "relay", password: "correct horse" },
      signing: { type: "standard-webhooks", secret: STANDARD_SECRET },
      timeouts: { dns: 5, connect: 4, tls: 3, headers: 2, body: 1 },
    },
    replaces: {},
    defaults: {},
    unreadable: ["authentication", "signing"],
    drift: { tls_verification: true, timeouts: { dns: 9 } },
    inBucket: true,
  },
  {
    type: "cron",
    minimal: { schedule: "@daily" },
    full: {
      schedule: "30 2 * * *",
      description: "all",
      enabled: false,
      timezone: "Europe/Berlin",
      recurring: false,
      starts_at: "2026-12-01T00:00:00Z",
      ends_at: "2099-12-01T00:00:00+01:00",
      start_within: 300,
      missed: "once",
      method: "PUT",
      path: "/reports?kind=daily",
      headers: { "Content-Type": ["text/plain"], "X-Two": ["a", "b"] },
      payload: "report",
    },
    updates: {
      schedule: "@every 10m",
      description: "changed",
      enabled: true,
      timezone: "Asia/Tokyo",
      recurring: true,
      starts_at: "2026-12-02T00:00:00Z",
      ends_at: "2099-12-02T00:00:00Z",
      start_within: 301,
      missed: "skip",
      method: "PATCH",
      path: "/other",
      headers: { "X-Three": ["c"] },
      payload: "again",
    },
    replaces: { bucket: ref("relay_bucket.other.id") },
    defaults: {
      description: "",
      enabled: true,
      timezone: "UTC",
      recurring: true,
      starts_at: "",
      ends_at: "",
      start_within: 60,
      missed: "skip",
      method: "POST",
      path: "",
      headers: {},
      payload: "",
    },
    unreadable: [],
    drift: { description: "meddled with", schedule: "@hourly" },
    inBucket: true,
  },
  {
    type: "token",
    minimal: {},
    full: {
      description: "all",
      active: false,
      api_access: "enabled",
      scopes: { buckets: ["a", "b"], tunnels: ["c"] },
      expires_at: 4_000_000_000,
      own_secret: OWN_SECRET,
      rotation_keepers: { month: "1" },
      rotation_grace: 60,
    },
    updates: {
      description: "changed",
      active: true,
      api_access: "disabled",
      scopes: { buckets: ["b"] },
      expires_at: 4_000_000_001,
      own_secret: OTHER_SECRET,
      rotation_keepers: { month: "2" },
      rotation_grace: 61,
    },
    replaces: {},
    defaults: {
      description: "",
      active: true,
      api_access: "disabled",
      scopes: { buckets: [], tunnels: [] },
      expires_at: 0,
      rotation_keepers: {},
      rotation_grace: 3600,
    },
    unreadable: ["own_secret", "secret", "rotation_keepers", "rotation_grace"],
    drift: { description: "meddled with", active: false },
    inBucket: false,
  },
];

interface Change {
  readonly before: Values;
  readonly after: Values;
}

/** An object of the configuration. */
interface Declared {
  readonly of: Case;
  /** The case, and what it is there for. */
  readonly label: string;
  readonly name: string;
  readonly values: Values;
}

function changeOf(plan: Plan, address: string): Change {
  return plan.json.resource_changes.find((one: { address: string }) => one.address === address).change;
}

/** Attributes that people write and a plan changes. */
function differences({ before, after }: Change): string[] {
  return Object.keys(before).filter(
    (name) => name !== "secret" && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
}

const labelOf = ({ type, kind }: Case) => (kind === undefined ? type : `${kind}_${type}`);
const addressOf = ({ of, label }: Declared) => `relay_${of.type}.${label}`;
/** The same of each, for comparing whole plans. */
const each = (all: readonly Declared[], actions: readonly string[]) =>
  Object.fromEntries(all.map((one) => [addressOf(one), actions]));

/** One object of each case. */
function oneOfEach(run: string, values: (of: Case) => Values): Declared[] {
  return CASES.map((of) => ({ of, label: labelOf(of), name: `${labelOf(of)}-${run}`, values: values(of) }));
}

// What is proven of each kind of object is proven of all of them in one run of the engine: a process costs more than a hundred
// objects.
describeTerraform("every resource", (engine) => {
  let server: TestServer;
  let project: RelayProject;
  let run: string;
  beforeAll(async () => {
    server = await runServer();
    for (const name of ["first", "second"])
      await server.must("POST", "/v1/functions", { name, payload: "r.getBody()" });
  });
  afterAll(() => server.close());
  afterEach(() => project.close());

  /** The objects, and two buckets that they may be in. */
  const content = (all: readonly Declared[], extra: Readonly<Record<string, Values>> = {}) => {
    const resource: Record<string, Record<string, Values>> = {
      relay_bucket: { home: { name: `home-${run}` }, other: { name: `other-${run}` } },
    };
    for (const { of, label, name, values } of all) {
      const home = of.inBucket ? { bucket: ref("relay_bucket.home.id") } : {};
      resource[`relay_${of.type}`] = { ...resource[`relay_${of.type}`], [label]: { name, ...home, ...values } };
    }
    return { resource, ...extra };
  };
  const make = async (all: readonly Declared[]) => {
    project = await makeRelayProject(engine, server, content(all));
  };
  const states = async (): Promise<Map<string, Values>> => {
    const { values } = await project.state();
    const resources = (values?.root_module?.resources ?? []) as { address: string; values: Values }[];
    return new Map(resources.map((resource) => [resource.address, resource.values]));
  };
  /** Path of an object in the API. */
  const path = ({ type, inBucket }: Case, state: Values | undefined) =>
    inBucket ? `/v1/buckets/${state?.bucket_id}/${type}s/${state?.id}` : `/v1/${type}s/${state?.id}`;
  const nothingLeft = async () => expect((await project.plan()).actions).toEqual({});
  const start = (values: (of: Case) => Values) => {
    run = freshName("x");
    return oneOfEach(run, values);
  };

  test("is made with what it needs, its defaults filled in; then nothing is left to do", async () => {
    const all = start(({ minimal }) => minimal);
    await make(all);
    const plan = await project.plan();
    expect(plan.actions).toMatchObject(each(all, ["create"]));
    for (const one of all) {
      expect(changeOf(plan, addressOf(one)).after).toMatchObject({ name: one.name, ...one.of.defaults });
    }
    await project.apply(plan);
    const made = await states();
    for (const one of all) {
      const state = made.get(addressOf(one));
      expect(state).toMatchObject({ name: one.name, ...one.of.defaults });
      expect((await server.must("GET", path(one.of, state))).managed_by).toBe("terraform");
    }
    await nothingLeft();
    await project.destroy();
    for (const one of all) expect((await server.api("GET", path(one.of, made.get(addressOf(one))))).status).toBe(404);
  }, 120_000);

  test("is made with all there is, changes in place attribute by attribute, and loses what it can", async () => {
    run = freshName("x");
    // One object for each attribute: it is the only one that changes.
    const changed = CASES.flatMap((of) =>
      Object.entries({ ...of.updates, name: `${labelOf(of)}-${run}-renamed` }).map(([attribute, value]) => ({
        attribute,
        value,
        before: {
          of,
          label: `${labelOf(of)}_${attribute}`,
          name: `${labelOf(of)}-${attribute}-${run}`,
          values: of.full,
        },
      })),
    );
    const before = changed.map((one) => one.before);
    await make(before);
    await project.apply();
    const made = await states();
    for (const one of before)
      expect(made.get(addressOf(one)), one.label).toMatchObject({ name: one.name, ...one.of.full });
    await nothingLeft();

    await project.configure(
      content(
        changed.map(({ before: one, attribute, value }) => ({ ...one, values: { ...one.values, [attribute]: value } })),
      ),
    );
    const plan = await project.plan();
    expect(plan.actions).toEqual(each(before, ["update"]));
    for (const { before: one, attribute } of changed) {
      expect(differences(changeOf(plan, addressOf(one))), one.label).toEqual([attribute]);
    }
    await project.apply(plan);
    const updated = await states();
    for (const { before: one, attribute, value } of changed) {
      const { id } = made.get(addressOf(one)) ?? {};
      expect(updated.get(addressOf(one)), one.label).toMatchObject({ id, [attribute]: value });
    }
    await nothingLeft();

    await project.configure(content(before.map((one) => ({ ...one, values: one.of.minimal }))));
    const reset = await project.plan();
    expect(reset.actions).toEqual(each(before, ["update"]));
    await project.apply(reset);
    const left = await states();
    for (const one of before) {
      const { id } = made.get(addressOf(one)) ?? {};
      expect(left.get(addressOf(one)), one.label).toMatchObject({ id, name: one.name, ...one.of.defaults });
    }
    await nothingLeft();
  }, 120_000);

  test("is replaced where it cannot change", async () => {
    const all = start(({ minimal }) => minimal).filter(({ of }) => Object.keys(of.replaces).length > 0);
    await make(all);
    await project.apply();
    const names = new Set(all.flatMap(({ of }) => Object.keys(of.replaces)));
    for (const name of names) {
      const moved = all.filter(({ of }) => name in of.replaces);
      await project.configure(
        content(all.map((one) => ({ ...one, values: { ...one.values, [name]: one.of.replaces[name] } }))),
      );
      const plan = await project.plan();
      expect(plan.actions, name).toEqual(each(moved, ["delete", "create"]));
      await project.apply(plan);
      await nothingLeft();
    }
  }, 120_000);

  test("is imported by name, by id and by an import block, and then there is nothing to do", async () => {
    const readable = ({ full, unreadable }: Case) =>
      Object.fromEntries(Object.entries(full).filter(([attribute]) => !unreadable.includes(attribute)));
    const all = start(readable);
    await make(all);
    await project.apply();
    const made = await states();
    const addresses = all.map(addressOf);
    const byName = ({ of, name }: Declared) => (of.inBucket ? `home-${run}/${name}` : name);
    const byId = (one: Declared) => String(made.get(addressOf(one))?.id);
    const imported = (plan: Plan) =>
      plan.json.resource_changes
        .filter(({ change }: { change: { importing?: object } }) => change.importing !== undefined)
        .map(({ address }: { address: string }) => address)
        .toSorted();

    // By the command, whose warnings are read.
    const token = all.find(({ of }) => of.type === "token");
    const input = all.find(({ of }) => of.type === "input");
    for (const one of [token, input]) {
      if (one === undefined) throw new Error("there is no such case");
      await project.must(["state", "rm", addressOf(one)]);
      const done = await project.import(addressOf(one), byName(one));
      expect(done.exitCode, done.text).toBe(0);
      if (one === token) expect(done.text).toContain("secret is not known");
    }
    await nothingLeft();

    for (const reference of [byName, byId]) {
      await project.must(["state", "rm", ...addresses]);
      await project.configure(
        content(all, { import: all.map((one) => ({ to: addressOf(one), id: reference(one) })) as never }),
      );
      const plan = await project.plan();
      expect(imported(plan)).toEqual(addresses.toSorted());
      expect(plan.actions).toEqual({});
      await project.apply(plan);
      await nothingLeft();
    }

    // Buckets around them stay; of the objects there are only blocks.
    await project.must(["state", "rm", ...addresses]);
    await project.configure(
      content([], { import: all.map((one) => ({ to: addressOf(one), id: byName(one) })) as never }),
    );
    await project.must(["plan", "-input=false", "-no-color", "-generate-config-out=generated.tf"]);
    const plan = await project.plan();
    expect(imported(plan)).toEqual(addresses.toSorted());
    expect(plan.actions).toEqual({});
    await project.apply(plan);
    await nothingLeft();
  }, 120_000);

  test("is made again when it was deleted behind terraform's back, and repaired when it was changed", async () => {
    const all = start(({ minimal }) => minimal);
    await make(all);
    await project.apply();
    const first = await states();
    for (const one of all) {
      const at = path(one.of, first.get(addressOf(one)));
      await server.must("PUT", at, { ...(await server.must("GET", at)), ...one.of.drift });
    }
    const repair = await project.plan();
    expect(repair.actions).toEqual(each(all, ["update"]));
    await project.apply(repair);
    const repaired = await states();
    for (const one of all) {
      const { id } = first.get(addressOf(one)) ?? {};
      expect(repaired.get(addressOf(one)), one.label).toMatchObject({ id, ...one.of.defaults });
    }
    await nothingLeft();
    for (const one of all) await server.must("DELETE", path(one.of, first.get(addressOf(one))));
    const again = await project.plan();
    expect(again.actions).toEqual(each(all, ["create"]));
    await project.apply(again);
    const second = await states();
    for (const one of all) expect(second.get(addressOf(one))?.id).not.toBe(first.get(addressOf(one))?.id);
    await nothingLeft();
  }, 120_000);

  test("that cannot be made leaves nothing, and says why", async () => {
    const all = start(({ minimal }) => minimal);
    await make(all);
    await project.apply();
    const twins = all.map((one) => ({ ...one, label: `twin_${one.label}` }));
    await project.configure(content([...all, ...twins]));
    const failed = await project.tryApply();
    expect(failed.exitCode).toBe(1);
    expect(failed.text.match(/of this name (exists )?already/g)).toHaveLength(twins.length);
    expect(failed.text).toContain("import it");
    const left = await states();
    for (const one of twins) expect(left.has(addressOf(one))).toBe(false);
  }, 120_000);

  test("names the attribute that is wrong, whatever it is in, before anything is done", async () => {
    run = freshName("x");
    const destination = "https://hooks.example.com/";
    const bucket = "x";
    project = await makeRelayProject(engine, server, {
      resource: {
        relay_function: { it: { name: "f", payload: "1", driver: "perl", variables: { "no name": "x" } } },
        relay_cron: { it: { bucket, name: "c", schedule: "61 * * * *", timezone: "Mars/Base", path: "no-slash" } },
        relay_input: { it: { bucket, name: "i", verification: { type: "hmac", secret: "signed-with" } } },
        relay_output: {
          retry: { bucket, name: "a", destination, retry: { schedule: "custom" }, order: { by: "header" } },
          durations: { bucket, name: "b", destination, retry: { schedule: "custom", delays: ["5s", "soon"] } },
          throttle: { bucket, name: "c", destination, throttle: { rate: -1 } },
          public: {
            bucket,
            name: "d",
            destination,
            internal: false,
            tls: { client_certificate: AUTHORITY },
            authentication: { type: "basic", username: "u" },
            signing: { type: "standard-webhooks", secret: "not base64" },
            timeouts: { dns: 181 },
          },
        },
      },
    });
    const { exitCode, text } = await project.run(["validate", "-no-color"]);
    expect(exitCode).toBe(1);
    for (const path of [
      "driver",
      "variables",
      "schedule",
      "timezone",
      "path",
      "verification.header",
      "retry.delays",
      "order.name",
      "throttle.rate",
      "tls.client_key",
      "authentication.password",
      "signing.secret",
      "timeouts.dns",
    ]) {
      expect(text).toContain(`${path} `);
    }
  });
});
