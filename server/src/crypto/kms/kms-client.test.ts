import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { KmsStandIn } from "../../../test/support/kms-stand-in.js";
import { startMuteProxy } from "../../../test/support/mute-proxy.js";
import { type KmsClient, openKmsClient } from "./kms-client.js";
import { parseKmsEndpoint } from "./kms-endpoint.js";

let kms: KmsStandIn;
let client: KmsClient;
let key: string;
const results: string[] = [];

beforeAll(async () => {
  kms = await KmsStandIn.start();
  key = kms.addKey();
  client = await openKmsClient({
    endpoint: parseKmsEndpoint(kms.endpoint),
    settingOf: () => "KMS_KEY",
    observer: { call: (operation, result) => results.push(`${operation} ${result}`) },
  });
});
afterEach(() => {
  kms.denied = false;
  kms.corrupting = undefined;
  kms.corruptions = Number.POSITIVE_INFINITY;
  results.length = 0;
});
afterAll(async () => {
  await client.close();
  kms.goAway();
});

const secret = Buffer.from("thirty-two bytes of a data key..");

test("what was encrypted comes back, and says which version did it", async () => {
  const { version, ciphertext } = await client.encrypt(key, secret, "row 1");
  expect(version).toBe(`${key}/cryptoKeyVersions/1`);
  expect(ciphertext.includes(secret)).toBe(false);
  const second = kms.rotate(key);
  expect((await client.encrypt(key, secret, "row 1")).version).toBe(second);
  expect(await client.decrypt(key, ciphertext, "row 1")).toEqual(secret);
  expect(results).toEqual(["encrypt ok", "encrypt ok", "decrypt ok"]);
});

test("threat: it opens with the same associated data only, and nothing is tried twice for it", async () => {
  const { ciphertext } = await client.encrypt(key, secret, "row 1");
  const calls = kms.calls.length;
  await expect(client.decrypt(key, ciphertext, "row 2")).rejects.toMatchObject({
    kind: "damaged",
    message: expect.stringContaining("moved from another row"),
  });
  expect(kms.calls).toHaveLength(calls + 1);
});

test.each(["request", "answer"] as const)("a %s damaged on its way is noticed and sent again", async (where) => {
  kms.corrupting = where;
  kms.corruptions = 2;
  const { ciphertext } = await client.encrypt(key, secret, "row");
  expect(kms.corruptions).toBe(0);
  kms.corruptions = 2;
  expect(await client.decrypt(key, ciphertext, "row")).toEqual(secret);
  expect(kms.corruptions).toBe(0);
});

test("what stays damaged is refused in the end, never used", async () => {
  const { ciphertext } = await client.encrypt(key, secret, "row");
  kms.corrupting = "answer";
  await expect(client.decrypt(key, ciphertext, "row")).rejects.toMatchObject({
    kind: "away",
    message: expect.stringContaining("CRC32C does not match"),
  });
});

test("errors name the setting, the key and what to do, and never the secret", async () => {
  kms.denied = true;
  const denied = await client.encrypt(key, secret, "row").catch((error: Error) => error);
  expect(denied).toMatchObject({ kind: "refused" });
  expect(String(denied)).toContain(`KMS_KEY: Cloud KMS does not let the server encrypt with ${key}`);
  expect(String(denied)).toContain("roles/cloudkms.cryptoKeyEncrypterDecrypter");
  expect(String(denied)).toContain("cloudkms.cryptoKeyVersions.useToEncrypt");
  expect(JSON.stringify(denied, Object.getOwnPropertyNames(denied))).not.toContain(secret.toString("base64"));
  kms.denied = false;

  const unknown = `${key}-of-nobody`;
  await expect(client.decrypt(unknown, secret, "row")).rejects.toMatchObject({
    kind: "refused",
    message: expect.stringContaining(`there is no key ${unknown}`),
  });

  const lost = kms.addKey();
  kms.setEnabled(`${lost}/cryptoKeyVersions/1`, false);
  await expect(client.encrypt(lost, secret, "row")).rejects.toMatchObject({
    kind: "refused",
    message: expect.stringMatching(/disabled or destroyed.*DISABLED/),
  });
});

test("an outage is waited out while there is time, and named when there is not", async () => {
  kms.goAway();
  const waiting = client.encrypt(key, secret, "row");
  setTimeout(() => void kms.comeBack(), 500);
  await expect(waiting).resolves.toMatchObject({ version: expect.stringContaining(key) });
  kms.goAway();
  await expect(client.encrypt(key, secret, "row")).rejects.toMatchObject({
    kind: "away",
    message: expect.stringContaining("Cloud KMS cannot be reached"),
  });
  await kms.comeBack();
});

test("a connection that fell silent is given up for a new one, within the same call", async () => {
  const proxy = await startMuteProxy({ port: Number(new URL(kms.endpoint).port) });
  const behind = await openKmsClient({
    endpoint: parseKmsEndpoint(`http://127.0.0.1:${proxy.port}`),
    settingOf: () => "KMS_KEY",
    observer: { call: () => {} },
  });
  try {
    await behind.encrypt(key, secret, "row");
    proxy.mute();
    await expect(behind.encrypt(key, secret, "row")).resolves.toMatchObject({ version: expect.stringContaining(key) });
  } finally {
    await behind.close();
    proxy.close();
  }
});
