import fc from "fast-check";
import { expect, test } from "vitest";
import type { Resource } from "../model.js";
import { SCHEMA } from "../schema.js";
import { declaredObjects } from "./declared-objects.js";
import { exportContent } from "./export-content.js";
import { type DeclaredObject, type ExistingObject, objectKey } from "./manifest-object.js";
import { objectAddress } from "./object-address.js";
import type { PlannedChange } from "./plan.js";
import { planChanges } from "./plan-changes.js";
import type { Values } from "./values.js";
import { withoutSecrets } from "./without-secrets.js";

const { resources } = SCHEMA;
const OWNER = "manifest/own";

const NAME = fc.constantFrom("a", "b", "c", "__proto__", "toString", "with/slash", "100%");
const TEXT = fc.string({ maxLength: 5 });
const HEADERS = fc.dictionary(fc.constantFrom("X-A", "X-B", "__proto__"), fc.array(TEXT, { maxLength: 2 }));
const SECRET = fc.constantFrom("secret one", "secret two");

/** Content of a manifest as the server takes it. */
const CONTENT = (() => {
  const input = fc.option(
    fc.record({ description: TEXT, status_code: fc.constantFrom(0, 202), headers: HEADERS }, { requiredKeys: [] }),
  );
  const output = fc.record(
    { destination: fc.constantFrom("http://a/", "http://b/"), timeout: fc.nat(180), disabled: fc.boolean() },
    { requiredKeys: ["destination"] },
  );
  const auth = fc.oneof(
    fc.constant({ type: "none" }),
    fc.record({ type: fc.constant("basic"), username: fc.constant("u"), password: SECRET }),
    fc.record({ type: fc.constant("token"), token: SECRET }),
  );
  const bucket = fc.option(
    fc.record(
      {
        description: TEXT,
        auth,
        stream: fc.boolean(),
        inputs: fc.dictionary(NAME, input, { maxKeys: 3 }),
        outputs: fc.dictionary(NAME, output, { maxKeys: 3 }),
      },
      { requiredKeys: [] },
    ),
  );
  const token = fc.option(
    fc.record(
      {
        active: fc.boolean(),
        scopes: fc.record({ buckets: fc.uniqueArray(NAME), tunnels: fc.uniqueArray(NAME) }, { requiredKeys: [] }),
        own_secret: SECRET,
      },
      { requiredKeys: [] },
    ),
  );
  return fc.record(
    { buckets: fc.dictionary(NAME, bucket, { maxKeys: 4 }), tokens: fc.dictionary(NAME, token, { maxKeys: 3 }) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Values>;
})();

/** Whose an object is that the manifest does not make. */
const MANAGER = fc.constantFrom("", "terraform", "manifest/other");

/** Secrets of an object as the world keeps them: here in clear, a hash would do as well. */
function secretsOf({ values }: DeclaredObject): Record<string, string> {
  const auth = values.auth as { password?: string; token?: string } | undefined;
  const found = { "auth.password": auth?.password, "auth.token": auth?.token, own_secret: values.own_secret };
  return Object.fromEntries(Object.entries(found).filter((each): each is [string, string] => each[1] !== undefined));
}

/** A world in memory: executes plans as the server does, in their order, and minds that parents come first. */
class World {
  objects = new Map<string, ExistingObject>();
  #next = 0;

  add(declared: readonly DeclaredObject[], managedBy: string): void {
    for (const object of declared) {
      if (!this.objects.has(objectKey(object))) this.#put(object, managedBy, `id-${this.#next++}`);
    }
  }

  execute(changes: readonly PlannedChange[], declared: readonly DeclaredObject[]): void {
    const wanted = new Map(declared.map((object) => [objectKey(object), object]));
    for (const change of changes) {
      if (change.action !== "delete") continue;
      for (const { resource, path } of this.objects.values()) {
        const inside = resource === "input" || resource === "output";
        expect(inside && change.resource === "bucket" && path[0] === change.path[0]).toBe(false);
      }
      expect(this.objects.delete(objectKey(change))).toBe(true);
    }
    for (const change of changes) {
      if (change.action === "delete") continue;
      const object = wanted.get(objectKey(change));
      if (object === undefined) throw new Error("a change of what is not declared");
      if (change.resource === "input" || change.resource === "output") {
        expect(this.objects.has(objectKey({ resource: "bucket", path: change.path.slice(0, 1) }))).toBe(true);
      }
      const made = change.action === "create" || change.action === "replace";
      this.#put(object, OWNER, made ? `id-${this.#next++}` : (change.id ?? ""));
    }
  }

  #put(object: DeclaredObject, managedBy: string, id: string): void {
    const before = this.objects.get(objectKey(object));
    const { auth, own_secret: _, ...values } = object.values;
    const { password: __, token: ___, ...shown } = (auth ?? {}) as { [name: string]: string };
    this.objects.set(objectKey(object), {
      resource: object.resource,
      path: object.path,
      id,
      managedBy,
      values: auth === undefined ? values : { ...values, auth: shown },
      secrets: { ...before?.secrets, ...secretsOf(object) },
    });
  }
}

function reconcile(world: World, content: Values, adopt: readonly string[] = []) {
  const declared = declaredObjects(resources, content);
  const { changes, problems } = planChanges({
    resources,
    owner: OWNER,
    declared,
    existing: [...world.objects.values()],
    adopt: new Set(adopt),
    secretDiffers: (kept, given) => kept !== given,
  });
  return { declared, changes, problems };
}

const RUNS = { numRuns: 500 };

test("any manifest on any world of its own: planned and applied, nothing is left to do", () => {
  fc.assert(
    fc.property(CONTENT, CONTENT, (before, after) => {
      const world = new World();
      world.add(declaredObjects(resources, before), OWNER);
      const { declared, changes, problems } = reconcile(world, after);
      expect(problems).toEqual([]);
      world.execute(changes, declared);
      expect(reconcile(world, after)).toMatchObject({ changes: [], problems: [] });
      expect([...world.objects.keys()].sort()).toEqual(declared.map(objectKey).sort());
      expect(reconcile(world, withoutSecrets(resources, after)).changes).toEqual([]);
    }),
    RUNS,
  );
});

test("what is exported is a manifest that changes nothing", () => {
  fc.assert(
    fc.property(CONTENT, (content) => {
      const world = new World();
      world.add(declaredObjects(resources, content), OWNER);
      const exported = exportContent(resources, [...world.objects.values()], ({ secrets }) => Object.keys(secrets));
      // As it comes over the wire.
      expect(reconcile(world, JSON.parse(JSON.stringify(exported.content)))).toMatchObject({
        changes: [],
        problems: [],
      });
      expect(JSON.stringify(exported)).not.toContain("secret one");
    }),
    RUNS,
  );
});

test("threat: no manifest touches an object that is not its own, unless that one is adopted", () => {
  fc.assert(
    fc.property(CONTENT, CONTENT, CONTENT, MANAGER, (own, foreign, after, manager) => {
      const world = new World();
      world.add(declaredObjects(resources, own), OWNER);
      const ownKeys = new Set(world.objects.keys());
      world.add(declaredObjects(resources, foreign), manager);
      const existing = new Map(world.objects);
      const { changes, problems } = reconcile(world, after);
      const foreignKeys = new Set([...existing.keys()].filter((key) => !ownKeys.has(key)));
      if (problems.length === 0) {
        for (const change of changes) expect(foreignKeys.has(objectKey(change))).toBe(false);
      }
      // In the way is exactly what is declared and somebody else's, or would go with a bucket that is deleted.
      const declared = new Set(declaredObjects(resources, after).map(objectKey));
      for (const key of foreignKeys) {
        const object = existing.get(key);
        const bucket = `bucket\n${object?.path[0]}`;
        const inDeleted = object?.path.length === 2 && ownKeys.has(bucket) && !declared.has(bucket);
        if (declared.has(key) || inDeleted) expect(problems.length).toBeGreaterThan(0);
      }
    }),
    RUNS,
  );
});

test("adopting by name takes over what was in the way, and only that", () => {
  fc.assert(
    fc.property(CONTENT, CONTENT, MANAGER, (foreign, after, manager) => {
      const world = new World();
      world.add(declaredObjects(resources, foreign), manager);
      const declared = declaredObjects(resources, after);
      const addresses = declared.filter((object) => world.objects.has(objectKey(object))).map(objectAddress);
      const named = reconcile(world, after, addresses);
      expect(named.problems).toEqual([]);
      expect(reconcile(world, after, ["*"])).toEqual(named);
      const untouched = [...world.objects.keys()].filter((key) => !declared.some((each) => objectKey(each) === key));
      world.execute(named.changes, declared);
      for (const key of untouched) expect(world.objects.get(key)?.managedBy).toBe(manager);
      for (const each of declared) expect(world.objects.get(objectKey(each))?.managedBy).toBe(OWNER);
    }),
    RUNS,
  );
});

/** The schema with a bucket whose `stream` cannot be changed. */
const REPLACING: readonly Resource[] = resources.map((resource) =>
  resource.name === "bucket" && resource.attributes.stream !== undefined
    ? {
        ...resource,
        attributes: { ...resource.attributes, stream: { ...resource.attributes.stream, immutable: true } },
      }
    : resource,
);

test("an immutable attribute replaces the object and what belongs to it, what others manage in it is in the way", () => {
  const world = new World();
  const content = { buckets: { a: { inputs: { in: null } } } };
  world.add(declaredObjects(REPLACING, content), OWNER);
  const plan = (adopt: readonly string[] = []) =>
    planChanges({
      resources: REPLACING,
      owner: OWNER,
      declared: declaredObjects(REPLACING, { buckets: { a: { stream: false, inputs: { in: null } } } }),
      existing: [...world.objects.values()],
      adopt: new Set(adopt),
      secretDiffers: () => false,
    });
  expect(plan()).toMatchObject({
    problems: [],
    changes: [
      {
        action: "replace",
        resource: "bucket",
        attributes: [{ path: "stream", before: true, after: false, replaces: true }],
      },
      { action: "replace", resource: "input", path: ["a", "in"], attributes: [] },
    ],
  });
  world.add(
    declaredObjects(REPLACING, { buckets: { a: { outputs: { out: { destination: "http://x/" } } } } }),
    "pulumi",
  );
  expect(plan().problems).toMatchObject([{ path: "buckets.a.outputs.out" }]);
  expect(plan(["output/a/out"])).toMatchObject({
    problems: [],
    changes: [{ action: "delete", resource: "output" }, { action: "replace" }, { action: "replace" }],
  });
});
