import { pino } from "pino";
import { beforeAll, expect, it } from "vitest";
import { sampleToken } from "../../test/support/sample-catalog.js";
import type { Token } from "../catalog/model.js";
import { compareSecret, hashSecret } from "./secret-hash.js";
import { SecretVerifier } from "./secret-verifier.js";
import { TokenAuthenticator } from "./token-authenticator.js";

const COST = 4;
const NOW = 1_760_000_000_000;

let hashes: { present: string; before: string };

beforeAll(async () => {
  hashes = { present: await hashSecret("present", COST), before: await hashSecret("before", COST) };
});

function setUp(fields: Partial<Token> = {}) {
  const token = sampleToken({ id: "known", secretHash: hashes.present, ...fields });
  const tokens = new Map([["known", token]]);
  const compared: string[] = [];
  const touched: unknown[] = [];
  const clock = { now: NOW };
  const authenticator = new TokenAuthenticator({
    catalog: { token: (id) => tokens.get(id), refresh: async () => undefined, failing: false },
    verifier: new SecretVerifier({
      cost: COST,
      now: () => clock.now,
      compare: (secret, hash) => {
        compared.push(hash);
        return compareSecret(secret, hash);
      },
    }),
    pool: {
      query: async (_text: unknown, values: unknown) => {
        touched.push(values);
        return { rows: [], rowCount: 0 };
      },
    } as never,
    logger: pino({ level: "silent" }),
    now: () => clock.now,
  });
  return { authenticator, compared, touched, clock, tokens };
}

const inGrace = () => ({
  oldSecret: { hash: hashes.before, createdAt: 0, usedAt: null, validUntil: NOW / 1000 + 60 },
});

it("lets both secrets in during the grace, and says which it was", async () => {
  const { authenticator, touched } = setUp(inGrace());
  expect(await authenticator.authenticate("known", "present")).toMatchObject({
    kind: "ok",
    secretHash: hashes.present,
  });
  expect(await authenticator.authenticate("known", "before")).toMatchObject({ kind: "ok", secretHash: hashes.before });
  expect(touched).toEqual([
    ["known", hashes.present],
    ["known", hashes.before],
  ]);
});

it("threat: telling by cost what a key is: wrong, unknown, stopped, expired, in its grace or behind it, two checks each", async () => {
  const cases: Record<string, { fields?: Partial<Token>; key?: string; secret?: string }> = {
    "wrong secret": {},
    "wrong secret of a token in its grace": { fields: inGrace() },
    "unknown key": { key: "unknown" },
    stopped: { fields: { active: false }, secret: "present" },
    expired: { fields: { expiresAt: NOW / 1000 }, secret: "present" },
    "a secret after the grace": {
      fields: { oldSecret: { ...inGrace().oldSecret, validUntil: NOW / 1000 } },
      secret: "before",
    },
  };
  for (const [name, { fields, key = "known", secret = "wrong" }] of Object.entries(cases)) {
    const { authenticator, compared } = setUp(fields);
    expect(await authenticator.authenticate(key, secret), name).toEqual({ kind: "unauthorized" });
    expect(compared, name).toHaveLength(2);
    // All of the same cost, and the second time all from memory.
    expect(new Set(compared.map((hash) => hash.slice(0, 7))), name).toEqual(new Set([hashes.present.slice(0, 7)]));
    expect(await authenticator.authenticate(key, secret), name).toEqual({ kind: "unauthorized" });
    expect(compared, name).toHaveLength(2);
  }
});

it("threat: a crafted key taking the place of another key's second check, so that its cost tells of a grace", async () => {
  const { authenticator, compared } = setUp();
  for (const crafted of ["known\nbefore", "before known", "known -2", "-2\nknown"]) {
    await authenticator.authenticate(crafted, "wrong");
  }
  compared.splice(0);
  await authenticator.authenticate("known", "wrong");
  expect(compared).toHaveLength(2);
});

it("threat: a secret kept alive by the memory of verdicts when its grace is over", async () => {
  const { authenticator, clock } = setUp(inGrace());
  expect((await authenticator.authenticate("known", "before")).kind).toBe("ok");
  expect(authenticator.authenticateCached("known", "before")).toBeDefined();
  clock.now += 60_000;
  expect(authenticator.authenticateCached("known", "before")).toBeUndefined();
  expect(await authenticator.authenticate("known", "before")).toEqual({ kind: "unauthorized" });
  expect((await authenticator.authenticate("known", "present")).kind).toBe("ok");
});

it("threat: a grace that ends, or a second rotation that comes, while bcrypt runs", async () => {
  const { authenticator, tokens } = setUp(inGrace());
  const checking = authenticator.authenticate("known", "before");
  tokens.set("known", sampleToken({ id: "known", secretHash: hashes.present }));
  expect(await checking).toEqual({ kind: "unauthorized" });
});

it("remembers a verdict over the rotation that makes the secret the one before", async () => {
  const { authenticator, compared, tokens } = setUp();
  await authenticator.authenticate("known", "present");
  const next = await hashSecret("next", COST);
  const oldSecret = { ...inGrace().oldSecret, hash: hashes.present };
  tokens.set("known", sampleToken({ id: "known", secretHash: next, oldSecret }));
  compared.splice(0);
  expect(authenticator.authenticateCached("known", "present")).toMatchObject({ secretHash: hashes.present });
  expect(compared).toEqual([]);
});
