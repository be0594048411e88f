import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadCertificate } from "../src/tls/certificate.js";
import { KmsStandIn } from "./support/kms-stand-in.js";
import { runServer } from "./support/run-server.js";

const ACCOUNT = "relay@stand-in.iam.gserviceaccount.com";

let dir: string;
let kms: KmsStandIn;
let caFile: string;
let accountFile: string;
const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "relay-kms-"));
  const certificate = await loadCertificate({ dataDir: dir, certPath: "", certKeyPath: "", hosts: [] });
  caFile = certificate.caFile;
  kms = await KmsStandIn.start(certificate);
  // A key file of a service account: the library signs its tokens with it by itself, without asking anybody.
  accountFile = join(dir, "account.json");
  const account = { type: "service_account", client_email: ACCOUNT, private_key: privateKey, private_key_id: "1" };
  await writeFile(accountFile, JSON.stringify(account), { mode: 0o600 });
});
afterAll(async () => {
  kms?.goAway();
  await rm(dir, { recursive: true, force: true });
});

test("over TLS the server proves who it is by application default credentials", async () => {
  const key = kms.addKey();
  const server = await runServer({
    env: {
      KMS_KEY: key,
      KMS_ENDPOINT: kms.endpoint,
      GOOGLE_APPLICATION_CREDENTIALS: accountFile,
      GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: caFile,
    },
  });
  try {
    const route = await server.route();
    expect((await fetch(server.at.http + route.path, { method: "POST", body: "x" })).status).toBe(200);
    const { authorization } = kms.calls.at(-1) ?? { authorization: "" };
    const [head = "", body = "", signature = ""] = authorization.replace("Bearer ", "").split(".");
    expect(JSON.parse(Buffer.from(body, "base64url").toString())).toMatchObject({ iss: ACCOUNT });
    const signed = Buffer.from(`${head}.${body}`);
    expect(verify("sha256", signed, createPublicKey(publicKey), Buffer.from(signature, "base64url"))).toBe(true);
    expect(server.output).not.toContain(signature);
  } finally {
    await server.close();
  }
});

test("threat: somebody in between answers in the place of Cloud KMS: nothing is sent to a certificate nobody vouches for", async () => {
  const key = kms.addKey();
  const calls = kms.calls.length;
  const started = runServer({
    env: { KMS_KEY: key, KMS_ENDPOINT: kms.endpoint, GOOGLE_APPLICATION_CREDENTIALS: accountFile },
  });
  await expect(started).rejects.toThrow(/KMS_KEY: Cloud KMS cannot be reached/);
  expect(kms.calls).toHaveLength(calls);
}, 60_000);
