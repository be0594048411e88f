import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, withTestDatabase } from "../../test/support/test-postgres.js";
import { waitFor } from "../../test/support/wait-for.js";
import { idBytes, idText, newId } from "../ids.js";
import { fileKeyEncryption } from "./file-key-encryption.js";
import type { KeyEncryption } from "./key-encryption.js";
import { parseKeyFile } from "./key-file.js";
import { Keyring } from "./keyring.js";
import { SealBrokenError } from "./sealer.js";

const DAY_MS = 86_400_000;
const line = (id: string) => `${id}:${randomBytes(32).toString("base64")}\n`;
const FILE = line("first");

let database: TestDatabase;
beforeAll(async () => {
  database = await withTestDatabase();
});
afterAll(() => database.close());

function keyring(options: { file?: string; now?: () => number; pool?: TestDatabase["pool"] } = {}) {
  const errors: unknown[] = [];
  const file = fileKeyEncryption(parseKeyFile(options.file ?? FILE, "test"));
  let unwrapped = 0;
  const keyEncryption: KeyEncryption = {
    ...file,
    unwrap: (...args) => {
      unwrapped += 1;
      return file.unwrap(...args);
    },
  };
  const ring = new Keyring({
    pool: options.pool ?? database.pool,
    keyEncryption,
    now: options.now ?? Date.now,
    onError: (error) => errors.push(error),
  });
  return { ring, errors, unwrapped: () => unwrapped };
}

async function newBucket(): Promise<string> {
  const id = randomUUID();
  await database.pool.query("INSERT INTO buckets (id, name) VALUES ($1, $2)", [id, `bucket ${id}`]);
  return id;
}

async function versions(bucketId: string): Promise<number[]> {
  const { rows } = await database.pool.query("SELECT version FROM bucket_keys WHERE bucket_id = $1 ORDER BY 1", [
    bucketId,
  ]);
  return rows.map((row) => row.version);
}

async function sealedSample(text = "a webhook") {
  const { ring } = keyring();
  const bucket = await newBucket();
  await ring.load(bucket);
  const row = newId(Date.now());
  const { keyVersion, bytes } = ring.seal(bucket, row, Buffer.from(text));
  return { ring, bucket, row, keyVersion, bytes };
}

test("any bytes come back as they were, here and on another server", async () => {
  const { ring, bucket } = await sealedSample();
  const elsewhere = keyring().ring;
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (plain) => {
      const row = newId(Date.now());
      const { keyVersion, bytes } = ring.seal(bucket, row, plain);
      expect(Buffer.compare(await ring.open(bucket, row, keyVersion, bytes), plain)).toBe(0);
      expect(Buffer.compare(await elsewhere.open(bucket, row, keyVersion, bytes), plain)).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test("sealing the same twice gives different bytes, and neither shows the text", async () => {
  const { ring, bucket, row, bytes } = await sealedSample("a very visible marker");
  const again = ring.seal(bucket, row, Buffer.from("a very visible marker")).bytes;
  expect(again.equals(bytes)).toBe(false);
  expect(Buffer.concat([bytes, again]).includes("visible")).toBe(false);
});

test("no nonce repeats", async () => {
  const { ring, bucket, row } = await sealedSample();
  const nonces = new Set<string>();
  for (let i = 0; i < 5_000; i += 1) {
    nonces.add(ring.seal(bucket, row, Buffer.from("x")).bytes.subarray(0, 12).toString("hex"));
  }
  expect(nonces.size).toBe(5_000);
});

test("a value moved to another row, another bucket or another key version does not open", async () => {
  const { ring, bucket, row, keyVersion, bytes } = await sealedSample();
  const otherBucket = await newBucket();
  await ring.load(otherBucket);
  await expect(ring.open(bucket, newId(Date.now()), keyVersion, bytes)).rejects.toThrow(SealBrokenError);
  await expect(ring.open(otherBucket, row, keyVersion, bytes)).rejects.toThrow(SealBrokenError);
  await expect(ring.open(bucket, row, keyVersion + 1, bytes)).rejects.toThrow(SealBrokenError);
});

test("a value with a flipped bit, cut short or made longer does not open", async () => {
  const { ring, bucket, row, keyVersion, bytes } = await sealedSample();
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length * 8 - 1), async (bit) => {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expect(ring.open(bucket, row, keyVersion, damaged)).rejects.toThrow(SealBrokenError);
    }),
    { numRuns: 60 },
  );
  for (let length = 0; length < bytes.length; length += 1) {
    await expect(ring.open(bucket, row, keyVersion, bytes.subarray(0, length)), `${length}`).rejects.toThrow(
      SealBrokenError,
    );
  }
  const longer = Buffer.concat([bytes, Buffer.of(0)]);
  await expect(ring.open(bucket, row, keyVersion, longer)).rejects.toThrow(SealBrokenError);
});

test("an error never shows the text, the key or the sealed bytes", async () => {
  const { ring, bucket, row, bytes } = await sealedSample("hunter2");
  const error = await ring.open(bucket, newId(Date.now()), 1, bytes).catch((reason: Error) => reason);
  const shown = JSON.stringify(error, Object.getOwnPropertyNames(error));
  expect(shown).not.toContain("hunter2");
  expect(shown).not.toContain(bytes.toString("hex"));
  expect(idText(row)).toHaveLength(36);
});

test("after a day a new key seals, the old one still opens, also on a server that starts later", async () => {
  let skew = 0;
  const { ring } = keyring({ now: () => Date.now() + skew });
  const bucket = await newBucket();
  await ring.load(bucket);
  const row = newId(Date.now());
  const old = ring.seal(bucket, row, Buffer.from("old"));
  expect(old.keyVersion).toBe(1);

  skew = DAY_MS - 60_000;
  expect(ring.seal(bucket, row, Buffer.from("x")).keyVersion).toBe(1);
  skew = DAY_MS + 60_000;
  // The first one after the day starts the change and does not wait for it.
  expect(ring.seal(bucket, row, Buffer.from("x")).keyVersion).toBe(1);
  await waitFor("the second key", async () => (await versions(bucket)).length === 2);
  skew = 0;
  const next = await waitFor("a seal by the new key", () => {
    const sealed = ring.seal(bucket, row, Buffer.from("new"));
    return sealed.keyVersion === 2 && sealed;
  });
  for (const each of [ring, keyring().ring]) {
    expect((await each.open(bucket, row, old.keyVersion, old.bytes)).toString()).toBe("old");
    expect((await each.open(bucket, row, next.keyVersion, next.bytes)).toString()).toBe("new");
  }
});

test("a rotation that fails is reported and tried again, and sealing goes on", async () => {
  let skew = 0;
  let broken = false;
  const pool = new Proxy(database.pool, {
    get(target, property) {
      if (property === "connect" && broken) return () => Promise.reject(new Error("database away"));
      const value = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const { ring, errors } = keyring({ now: () => Date.now() + skew, pool });
  const bucket = await newBucket();
  await ring.load(bucket);
  skew = DAY_MS + 60_000;
  broken = true;
  ring.seal(bucket, newId(Date.now()), Buffer.from("x"));
  await waitFor("the report", () => errors.length > 0);
  broken = false;
  // Not at once: every webhook would try.
  ring.seal(bucket, newId(Date.now()), Buffer.from("x"));
  expect(errors).toHaveLength(1);
  skew += 10_000;
  expect(ring.seal(bucket, newId(Date.now()), Buffer.from("x")).keyVersion).toBe(1);
  await waitFor("the second key", async () => (await versions(bucket)).length === 2);
});

test("servers that meet a new bucket at the same moment agree on one key", async () => {
  const bucket = await newBucket();
  const rings = Array.from({ length: 5 }, () => keyring().ring);
  await Promise.all(rings.map((ring) => ring.load(bucket)));
  expect(await versions(bucket)).toEqual([1]);
  const row = newId(Date.now());
  const sealed = rings.map((ring) => ring.seal(bucket, row, Buffer.from("x")));
  for (const ring of rings) {
    for (const { keyVersion, bytes } of sealed) {
      expect((await ring.open(bucket, row, keyVersion, bytes)).toString()).toBe("x");
    }
  }
});

test("a data key in the database opens with its own key-encryption key and its own row only", async () => {
  const { bucket, row, keyVersion, bytes } = await sealedSample();
  const stolen = await newBucket();
  await database.pool.query(
    "INSERT INTO bucket_keys (bucket_id, version, kek_id, wrapped) SELECT $2, version, kek_id, wrapped FROM bucket_keys WHERE bucket_id = $1",
    [bucket, stolen],
  );
  await expect(keyring().ring.load(stolen)).rejects.toThrow(/does not open/);
  await expect(keyring({ file: line("first") }).ring.open(bucket, row, keyVersion, bytes)).rejects.toThrow(
    /another installation/,
  );
  await expect(keyring({ file: line("second") }).ring.open(bucket, row, keyVersion, bytes)).rejects.toThrow(/"first"/);
});

test("a key file that got a second key opens what the first one wrapped and wraps with the second", async () => {
  const { bucket, row, keyVersion, bytes } = await sealedSample();
  const { ring } = keyring({ file: FILE + line("second") });
  expect((await ring.open(bucket, row, keyVersion, bytes)).toString()).toBe("a webhook");
  const later = await newBucket();
  await ring.load(later);
  const { rows } = await database.pool.query("SELECT kek_id FROM bucket_keys WHERE bucket_id = $1", [later]);
  expect(rows).toEqual([{ kek_id: "second" }]);
});

test("deleting a bucket destroys its keys: nothing opens any more once they are forgotten", async () => {
  const { ring, bucket, row, keyVersion, bytes } = await sealedSample();
  await database.pool.query("DELETE FROM buckets WHERE id = $1", [bucket]);
  expect(await versions(bucket)).toEqual([]);
  ring.keepOnly((id) => id !== bucket);
  expect(ring.has(bucket)).toBe(false);
  expect(() => ring.seal(bucket, row, bytes)).toThrow();
  await expect(ring.open(bucket, row, keyVersion, bytes)).rejects.toThrow();
  expect(await versions(bucket)).toEqual([]);
});

test("the bytes of a UUID in text are what binds a value to its row", async () => {
  const { ring, bucket, row, keyVersion, bytes } = await sealedSample();
  expect((await ring.open(bucket, idBytes(idText(row)), keyVersion, bytes)).toString()).toBe("a webhook");
});

test("of many data keys the newest two are opened with the bucket, an older one when it is needed, each once", async () => {
  const bucket = await newBucket();
  const row = newId(Date.now());
  let skew = 0;
  const { ring } = keyring({ now: () => Date.now() + skew });
  await ring.load(bucket);
  const first = ring.seal(bucket, row, Buffer.from("first"));
  for (const version of [2, 3]) {
    skew += DAY_MS + 60_000;
    ring.seal(bucket, row, Buffer.from("x"));
    await waitFor("the next key", async () => (await versions(bucket)).length === version);
    await waitFor("its use", () => ring.seal(bucket, row, Buffer.from("x")).keyVersion === version);
  }
  const later = keyring();
  await later.ring.load(bucket);
  expect(later.unwrapped()).toBe(2);
  const opened = await Promise.all([1, 2, 3].map(() => later.ring.open(bucket, row, first.keyVersion, first.bytes)));
  expect(opened.map(String)).toEqual(["first", "first", "first"]);
  await later.ring.load(bucket);
  expect(later.unwrapped()).toBe(3);
});

test("a data key that does not open is not tried again for every webhook", async () => {
  const { bucket } = await sealedSample();
  let skew = 0;
  const { ring, unwrapped } = keyring({ file: line("second"), now: () => Date.now() + skew });
  for (let i = 0; i < 10; i += 1) await expect(ring.load(bucket)).rejects.toThrow(/"first"/);
  expect(unwrapped()).toBe(1);
  skew = 10_000;
  await expect(ring.load(bucket)).rejects.toThrow(/"first"/);
  expect(unwrapped()).toBe(2);
});

test("what is forgotten seals and opens nothing until it is loaded again, also what was being loaded", async () => {
  const { ring, bucket, row, keyVersion, bytes } = await sealedSample();
  const other = keyring().ring;
  const loading = other.load(bucket);
  other.forgetAll();
  await expect(loading).rejects.toThrow(/forgotten/);
  expect(other.has(bucket)).toBe(false);
  ring.forgetAll();
  expect(() => ring.seal(bucket, row, bytes)).toThrow();
  await ring.load(bucket);
  expect(String(await ring.open(bucket, row, keyVersion, bytes))).toBe("a webhook");
});
