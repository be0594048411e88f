import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { describeTerraform } from "./support/describe-engine.js";
import { freshName, makeRelayProject, type RelayProject, ref } from "./support/relay-terraform.js";
import type { Plan } from "./support/terraform-project.js";

type Values = Readonly<Record<string, unknown>>;

interface Case {
  readonly type: string;
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

const CASES: readonly Case[] = [
  {
    type: "function",
    minimal: { payload: "r.stopForwarding()" },
    full: {
      description: "all",
      driver: "lua",
      payload: "r:SetRequestBody(cfg:GetValue('KEY'))",
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
    },
    updates: { description: "changed", status_code: 204, headers: { "X-Three": ["c"] }, body: "again" },
    replaces: { bucket: ref("relay_bucket.other.id") },
    defaults: { description: "", status_code: 0, headers: {}, body: "" },
    unreadable: [],
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
    },
    unreadable: [],
    drift: { timeout: 99 },
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

function changeOf(plan: Plan, address: string): Change {
  return plan.json.resource_changes.find((one: { address: string }) => one.address === address).change;
}

/** Attributes that people write and a plan changes. */
function differences({ before, after }: Change): string[] {
  return Object.keys(before).filter(
    (name) => name !== "secret" && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
}

describeTerraform("resources", (engine) => {
  let server: TestServer;
  let project: RelayProject;
  beforeAll(async () => {
    server = await runServer();
  });
  afterAll(() => server.close());
  afterEach(() => project.close());

  describe.each(CASES)("relay_$type", (each) => {
    const address = `relay_${each.type}.it`;
    /** Configuration of the object, and of the buckets around it. */
    const resources = (name: string, values: Values) => ({
      ...(each.inBucket ? { relay_bucket: { home: { name: `home-${name}` }, other: { name: `other-${name}` } } } : {}),
      [`relay_${each.type}`]: {
        it: { name, ...(each.inBucket ? { bucket: ref("relay_bucket.home.id") } : {}), ...values },
      },
    });
    const make = async (name: string, values: Values) => {
      project = await makeRelayProject(engine, server, { resource: resources(name, values) });
    };
    const configure = (name: string, values: Values) => project.configure({ resource: resources(name, values) });
    /** Path of the object in the API. */
    const path = (state: Values) =>
      each.inBucket ? `/v1/buckets/${state.bucket_id}/${each.type}s/${state.id}` : `/v1/${each.type}s/${state.id}`;
    const nothingLeft = async () => expect((await project.plan()).actions).toEqual({});

    test("is made with what it needs, its defaults filled in; then nothing is left to do", async () => {
      const name = freshName(each.type);
      await make(name, each.minimal);
      const plan = await project.plan();
      expect(plan.actions[address]).toEqual(["create"]);
      expect(changeOf(plan, address).after).toMatchObject({ name, ...each.defaults });
      await project.apply(plan);
      const state = await project.resource(address);
      expect(state).toMatchObject({ name, ...each.defaults });
      expect((await server.must("GET", path(state))).managed_by).toBe("terraform");
      await nothingLeft();
      await project.destroy();
      expect((await server.api("GET", path(state))).status).toBe(404);
    });

    test("is made with all there is, changes in place attribute by attribute, and loses what it can", async () => {
      const name = freshName(each.type);
      await make(name, each.full);
      await project.apply();
      const { id, ...made } = await project.resource(address);
      expect(made).toMatchObject({ name, ...each.full });
      await nothingLeft();
      let values = each.full;
      for (const [attribute, value] of Object.entries({ ...each.updates, name: `${name}-renamed` })) {
        values = { ...values, [attribute]: value };
        await configure(name, values);
        // What the apply before left undone would show here.
        const plan = await project.plan();
        expect(plan.actions, attribute).toEqual({ [address]: ["update"] });
        expect(differences(changeOf(plan, address)), attribute).toEqual([attribute]);
        await project.apply(plan);
      }
      expect(await project.resource(address)).toMatchObject({ id, ...each.updates, name: `${name}-renamed` });
      await configure(name, each.minimal);
      const plan = await project.plan();
      expect(plan.actions).toEqual({ [address]: ["update"] });
      await project.apply(plan);
      expect(await project.resource(address)).toMatchObject({ id, name, ...each.defaults });
      await nothingLeft();
    });

    if (Object.keys(each.replaces).length > 0) {
      test("is replaced where it cannot change", async () => {
        const name = freshName(each.type);
        await make(name, each.minimal);
        await project.apply();
        for (const [attribute, value] of Object.entries(each.replaces)) {
          await configure(name, { ...each.minimal, [attribute]: value });
          const plan = await project.plan();
          expect(plan.actions, attribute).toEqual({ [address]: ["delete", "create"] });
          await project.apply(plan);
          await nothingLeft();
        }
      });
    }

    test("is imported by name, by id and by an import block, and then there is nothing to do", async () => {
      const name = freshName(each.type);
      const values = Object.fromEntries(
        Object.entries(each.full).filter(([attribute]) => !each.unreadable.includes(attribute)),
      );
      await make(name, values);
      await project.apply();
      const { id } = await project.resource(address);
      const byName = each.inBucket ? `home-${name}/${name}` : name;
      for (const reference of [byName, id]) {
        await project.must(["state", "rm", address]);
        const imported = await project.import(address, reference);
        expect(imported.exitCode, imported.text).toBe(0);
        if (each.type === "token") expect(imported.text).toContain("secret is not known");
        await nothingLeft();
      }
      await project.must(["state", "rm", address]);
      // Buckets around it stay; of the object there is only the block.
      const { [`relay_${each.type}`]: _, ...around } = resources(name, {}) as Values;
      const block = { to: address, id: byName };
      await project.configure({ ...(each.inBucket ? { resource: around } : {}), import: [block] });
      await project.must(["plan", "-input=false", "-no-color", "-generate-config-out=generated.tf"]);
      const plan = await project.plan();
      expect(plan.json.resource_changes.map((one: { change: object }) => one.change)).toContainEqual(
        expect.objectContaining({ actions: ["no-op"], importing: expect.anything() }),
      );
      expect(plan.actions).toEqual({});
      await project.apply(plan);
      await nothingLeft();
    });

    test("is made again when it was deleted behind terraform's back, and repaired when it was changed", async () => {
      const name = freshName(each.type);
      await make(name, each.minimal);
      await project.apply();
      const first = await project.resource(address);
      const before = await server.must("GET", path(first));
      await server.must("PUT", path(first), { ...before, ...each.drift });
      const repair = await project.plan();
      expect(repair.actions).toEqual({ [address]: ["update"] });
      await project.apply(repair);
      expect(await project.resource(address)).toMatchObject({ id: first.id, ...each.defaults });
      await nothingLeft();
      await server.must("DELETE", path(first));
      const again = await project.plan();
      expect(again.actions).toEqual({ [address]: ["create"] });
      await project.apply(again);
      expect((await project.resource(address)).id).not.toBe(first.id);
      await nothingLeft();
    });

    test("that cannot be made leaves nothing, and says why", async () => {
      const name = freshName(each.type);
      await make(name, each.minimal);
      await project.apply();
      await project.configure({
        resource: {
          ...resources(name, each.minimal),
          [`relay_${each.type}`]: {
            it: { name, ...(each.inBucket ? { bucket: ref("relay_bucket.home.id") } : {}), ...each.minimal },
            twin: { name, ...(each.inBucket ? { bucket: ref("relay_bucket.home.id") } : {}), ...each.minimal },
          },
        },
      });
      const failed = await project.tryApply();
      expect(failed.exitCode).toBe(1);
      expect(failed.text).toMatch(/of this name (exists )?already/);
      expect(failed.text).toContain("import it");
      expect(await project.resource(`relay_${each.type}.twin`)).toBeUndefined();
    });
  });
});
