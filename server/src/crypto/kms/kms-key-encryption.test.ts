import { beforeEach, expect, test } from "vitest";
import { KeyUnavailableError } from "../key-unavailable-error.js";
import { KmsKeyEncryption } from "./kms-key-encryption.js";

const KEY = "projects/acme/locations/europe-west1/keyRings/relay/cryptoKeys/data-keys";
const version = (number: number, key = KEY) => `${key}/cryptoKeyVersions/${number}`;

/** What the fake service did, and what it is told to do. */
let calls: string[];
let primary: number;
let refused: Set<string>;
let used: Set<string>;
let events: string[];
let keys: KmsKeyEncryption;

beforeEach(() => {
  calls = [];
  primary = 1;
  refused = new Set();
  used = new Set();
  events = [];
  keys = new KmsKeyEncryption({
    client: {
      async encrypt(key, plaintext, context) {
        calls.push(`encrypt ${key}`);
        const name = version(primary, key);
        if (refused.has(name)) throw new KeyUnavailableError("refused", "disabled");
        return { version: name, ciphertext: Buffer.from(JSON.stringify([name, context, [...plaintext]])) };
      },
      async decrypt(key, ciphertext, context) {
        calls.push(`decrypt ${key}`);
        const [name, bound, plaintext] = JSON.parse(Buffer.from(ciphertext).toString());
        if (refused.has(name)) throw new KeyUnavailableError("refused", "disabled");
        if (bound !== context) throw new KeyUnavailableError("damaged", "moved");
        return Buffer.from(plaintext);
      },
      close: async () => {},
    },
    key: KEY,
    oldKeys: [`${KEY}-before`],
    isUsed: async (id) => used.has(id),
    require: () => {
      if (events.includes("closed")) throw new KeyUnavailableError("away", "closed");
    },
    suspect: () => events.push("suspect"),
    onRotated: () => events.push("rotated"),
  });
});

const dataKey = Buffer.alloc(32, 5);

test("threat: a row names a key that is not the server's: the service is not asked", async () => {
  const { wrapped } = await keys.wrap(dataKey, "row");
  calls.length = 0;
  for (const id of [version(1, `${KEY}-of-a-stranger`), KEY, `${KEY}/cryptoKeyVersions/1/x`, "projects/", "key-1"]) {
    await expect(keys.unwrap(id, wrapped, "row")).rejects.toMatchObject({ kind: "refused" });
  }
  expect(calls).toEqual([]);
  expect(events).toEqual([]);
  await keys.unwrap(version(1, `${KEY}-before`), wrapped, "row");
  expect(calls).toEqual([`decrypt ${KEY}-before`]);
});

test("the id is the version that wrapped, and a new primary version is told of once", async () => {
  expect(keys.currentId()).toBe(KEY);
  expect((await keys.wrap(dataKey, "row")).kekId).toBe(version(1));
  primary = 2;
  await keys.check();
  await keys.check();
  expect(keys.currentId()).toBe(version(2));
  expect(events).toEqual(["rotated"]);
});

test("the check notices that a version was taken away, but only while something depends on it", async () => {
  const { kekId, wrapped } = await keys.wrap(dataKey, "row");
  await keys.unwrap(kekId, wrapped, "row");
  primary = 2;
  refused.add(kekId);
  used.add(kekId);
  await expect(keys.check()).rejects.toMatchObject({ kind: "refused" });
  used.delete(kekId);
  await keys.check();
  // Forgotten: it does not ask for it again.
  calls.length = 0;
  await keys.check();
  expect(calls).toEqual([`encrypt ${KEY}`, `decrypt ${KEY}`]);
});

test("a failed call brings the check forward, a value that does not open is no reason to", async () => {
  const { kekId, wrapped } = await keys.wrap(dataKey, "row");
  await expect(keys.unwrap(kekId, wrapped, "other row")).rejects.toMatchObject({ kind: "damaged" });
  expect(events).toEqual([]);
  refused.add(kekId);
  await expect(keys.unwrap(kekId, wrapped, "row")).rejects.toMatchObject({ kind: "refused" });
  expect(events).toEqual(["suspect"]);
});

test("while the service is not to be called it is not, but for the check", async () => {
  const { kekId, wrapped } = await keys.wrap(dataKey, "row");
  events.push("closed");
  calls.length = 0;
  await expect(keys.wrap(dataKey, "row")).rejects.toThrow("closed");
  await expect(keys.unwrap(kekId, wrapped, "row")).rejects.toThrow("closed");
  expect(calls).toEqual([]);
  await keys.check();
  expect(calls).toHaveLength(2);
});
