import { beforeAll, expect, it } from "vitest";
import { compareSecret, hashSecret } from "./secret-hash.js";
import { SecretVerifier } from "./secret-verifier.js";

const COST = 4;
let hash: string;

beforeAll(async () => {
  hash = await hashSecret("right", COST);
});

function counting(options: { now?: () => number } = {}) {
  const compared: string[] = [];
  const verifier = new SecretVerifier({
    ...options,
    cost: COST,
    compare: (secret, against) => {
      compared.push(against);
      return compareSecret(secret, against);
    },
  });
  return { verifier, compared };
}

/** A verifier whose checks wait until `finish` is called. */
function held() {
  const finish: (() => void)[] = [];
  const verifier = new SecretVerifier({
    cost: COST,
    compare: () => new Promise<boolean>((resolve) => finish.push(() => resolve(false))),
  });
  return { verifier, finish };
}

it("tells right from wrong and remembers both", async () => {
  const { verifier, compared } = counting();
  const right = { subject: "s", secret: "right", hash };
  const wrong = { subject: "s", secret: "wrong", hash };
  expect(verifier.verifyCached(right)).toBeUndefined();
  expect(await verifier.verify(right)).toBe("ok");
  expect(await verifier.verify(wrong)).toBe("wrong");
  expect(verifier.verifyCached(right)).toBe(true);
  expect(verifier.verifyCached(wrong)).toBe(false);
  expect(await verifier.verify(right)).toBe("ok");
  expect(await verifier.verify(wrong)).toBe("wrong");
  expect(compared).toHaveLength(2);
});

it("threat: finding out which keys exist by time; an unknown subject costs the same bcrypt", async () => {
  const { verifier, compared } = counting();
  expect(await verifier.verify({ subject: "nobody", secret: "right", hash: undefined })).toBe("wrong");
  expect(compared).toHaveLength(1);
  expect(compared[0]?.slice(0, 7)).toBe(hash.slice(0, 7));
});

it("threat: a revoked secret kept alive by the cache; a changed hash asks bcrypt again", async () => {
  const { verifier } = counting();
  expect(await verifier.verify({ subject: "s", secret: "right", hash })).toBe("ok");
  const rotated = await hashSecret("new", COST);
  expect(verifier.verifyCached({ subject: "s", secret: "right", hash: rotated })).toBeUndefined();
  expect(await verifier.verify({ subject: "s", secret: "right", hash: rotated })).toBe("wrong");
  expect(await verifier.verify({ subject: "s", secret: "right", hash: undefined })).toBe("wrong");
});

it("threat: one subject's verdict used for another", async () => {
  const { verifier } = counting();
  expect(await verifier.verify({ subject: "ab", secret: "right", hash })).toBe("ok");
  expect(verifier.verifyCached({ subject: "a", secret: "right", hash })).toBeUndefined();
  expect(verifier.verifyCached({ subject: "a", secret: "right", hash: `b${hash}` })).toBeUndefined();
});

it("threat: a secret longer than bcrypt reads matching by its beginning", async () => {
  const full = "x".repeat(72);
  const { verifier } = counting();
  const fullHash = await hashSecret(full, COST);
  expect(await verifier.verify({ subject: "s", secret: full, hash: fullHash })).toBe("ok");
  expect(await verifier.verify({ subject: "s", secret: `${full}y`, hash: fullHash })).toBe("wrong");
});

it("threat: a reconnect storm of one token; equal checks share one bcrypt", async () => {
  const { verifier, compared } = counting();
  const verdicts = await Promise.all(
    Array.from({ length: 1000 }, () => verifier.verify({ subject: "s", secret: "right", hash })),
  );
  expect(new Set(verdicts)).toEqual(new Set(["ok"]));
  expect(compared).toHaveLength(1);
});

it("threat: a flood of guesses; two run, 256 wait, the rest is told busy, and later checks work again", async () => {
  const { verifier, finish } = held();
  const all = Array.from({ length: 300 }, (_, i) => verifier.verify({ subject: "s", secret: `guess ${i}`, hash }));
  const busy = await Promise.all(all.slice(258));
  expect(new Set(busy)).toEqual(new Set(["busy"]));
  expect(finish).toHaveLength(2);
  let settled = false;
  const accepted = Promise.all(all.slice(0, 258)).finally(() => {
    settled = true;
  });
  while (!settled) {
    expect(finish.length).toBeLessThanOrEqual(2);
    for (const done of finish.splice(0)) done();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(new Set(await accepted)).toEqual(new Set(["wrong"]));
  const later = verifier.verify({ subject: "s", secret: "later", hash });
  await expect.poll(() => finish.length).toBe(1);
  finish[0]?.();
  expect(await later).toBe("wrong");
});

it("threat: a flood of guesses at one subject; the check of another group is next", async () => {
  const { verifier, finish } = held();
  const flood = Array.from({ length: 100 }, (_, i) =>
    verifier.verify({ subject: "s", secret: `guess ${i}`, hash }, "flooded"),
  );
  let answered = false;
  verifier.verify({ subject: "t", secret: "right", hash }, "another").then(() => {
    answered = true;
  });
  await expect.poll(() => finish.length).toBe(2);
  // The two that run, and one of the flood whose turn comes first.
  for (let n = 0; n < 4 && !answered; n += 1) {
    await expect.poll(() => finish.length).toBeGreaterThan(0);
    finish.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(answered).toBe(true);
  let settled = false;
  Promise.all(flood).finally(() => {
    settled = true;
  });
  while (!settled) {
    for (const done of finish.splice(0)) done();
    await new Promise((resolve) => setImmediate(resolve));
  }
});

it("forgets a right secret that was not used for ten minutes, and a wrong one after seconds", async () => {
  let now = 0;
  const { verifier } = counting({ now: () => now });
  const right = { subject: "s", secret: "right", hash };
  const wrong = { subject: "s", secret: "wrong", hash };
  await verifier.verify(right);
  await verifier.verify(wrong);
  now = 5_000;
  expect(verifier.verifyCached(wrong)).toBeUndefined();
  expect(verifier.verifyCached(right)).toBe(true);
  now = 604_999;
  expect(verifier.verifyCached(right)).toBe(true);
  now = 1_204_999;
  expect(verifier.verifyCached(right)).toBeUndefined();
});

it("gives its place back when bcrypt fails", async () => {
  const { verifier } = counting();
  for (let i = 0; i < 5; i += 1) {
    await verifier.verify({ subject: "s", secret: `${i}`, hash: "not a hash" }).catch(() => undefined);
  }
  expect(await verifier.verify({ subject: "s", secret: "right", hash })).toBe("ok");
});
