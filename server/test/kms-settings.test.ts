import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { runServer, type TestServer } from "./support/run-server.js";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const KEY = "projects/acme/locations/europe-west1/keyRings/relay/cryptoKeys/data-keys";

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function refusal(env: Record<string, string>): { status: number | null; text: string } {
  const { status, stderr } = spawnSync(process.execPath, [MAIN], { env, encoding: "utf8", timeout: 30_000 });
  return { status, text: stderr };
}

test.each(["data-keys", `${KEY}/cryptoKeyVersions/1`, `https://cloudkms.googleapis.com/v1/${KEY}`, `${KEY}/`])(
  "KMS_KEY=%s is refused at once, with what it must look like",
  (value) => {
    const { status, text } = refusal({ KMS_KEY: value });
    expect(status).toBe(2);
    expect(text).toContain(`KMS_KEY: ${JSON.stringify(value)} is not valid: it must be the full name of a key`);
    expect(text).toContain(`Example: KMS_KEY=${KEY}`);
  },
);

test("threat: keys travel without TLS: plain text is for this machine alone", () => {
  const { status, text } = refusal({ KMS_KEY: KEY, KMS_ENDPOINT: "http://kms.example" });
  expect(status).toBe(2);
  expect(text).toContain('KMS_ENDPOINT: "http://kms.example" is not valid');
});

test("settings without the one they belong to are refused", () => {
  const { status, text } = refusal({ KMS_ENDPOINT: "kms.example", KMS_OLD_KEYS: KEY });
  expect(status).toBe(2);
  expect(text).toContain("KMS_ENDPOINT: set KMS_KEY with it.");
  expect(text).toContain("KMS_OLD_KEYS: set KMS_KEY with it.");
  expect(refusal({ KMS_KEY: KEY, WRAP_WITH: "file" }).text).toContain("WRAP_WITH: set KEY_FILE with it.");
});

/** Makes every look-up of Google's libraries fail. */
const WITHOUT_GOOGLE = `data:text/javascript,${encodeURIComponent(`
  import { register } from "node:module";
  register("data:text/javascript," + encodeURIComponent(
    "export async function resolve(name, context, next) {" +
    "  if (/^(@google-cloud|google-)/.test(name)) throw new Error('loaded ' + name);" +
    "  return next(name, context);" +
    "}"));
`)}`;

test("without KMS_KEY the library is never loaded: memory and start stay as they are", async () => {
  server = await runServer({ env: { NODE_OPTIONS: `--import=${WITHOUT_GOOGLE}` } });
  const route = await server.route();
  expect((await fetch(server.at.http + route.path, { method: "POST", body: "x" })).status).toBe(200);
  expect(await server.metric("relay_kms_up")).toBeNaN();
  // The obstacle is one.
  const withKey = runServer({
    env: { NODE_OPTIONS: `--import=${WITHOUT_GOOGLE}`, KMS_KEY: KEY, KMS_ENDPOINT: "http://127.0.0.1:1" },
  });
  await expect(withKey).rejects.toThrow(/loaded @google-cloud\/kms/);
});

test("without credentials it says so, and the process ends in order", async () => {
  const started = runServer({
    env: {
      KMS_KEY: KEY,
      // No metadata server, wherever the test runs.
      METADATA_SERVER_DETECTION: "none",
      KMS_ENDPOINT: "127.0.0.1:1",
    },
  });
  await expect(started).rejects.toThrow(/relay: KMS_KEY: no credentials for Cloud KMS: .*workload identity/);
});
