import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { loadManifest } from "./load-manifest.js";
import { ManifestError } from "./manifest-error.js";
import { type ResolvedManifest, resolveManifest } from "./resolve-manifest.js";

const directory = mkdtempSync(join(tmpdir(), "relay-secrets-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const OWN = "0123456789abcdefghijklmnopqrstuvwxyz";

async function resolve(content: object, env: Record<string, string> = {}): Promise<ResolvedManifest> {
  const file = join(directory, "m.json");
  writeFileSync(file, JSON.stringify({ manifest: 1, ...content }));
  return resolveManifest(await loadManifest({ files: [file], environment: undefined, stdin: Readable.from([]) }), env);
}

async function refusal(content: object, env: Record<string, string> = {}): Promise<string> {
  const error = await resolve(content, env).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(ManifestError);
  return (error as ManifestError).message;
}

const password = (reference: object) => ({
  buckets: { a: { auth: { type: "basic", username: "u", password: reference } } },
});

test("takes secrets from the environment and from files beside the manifest, without the last line break", async () => {
  writeFileSync(join(directory, "token.txt"), `${OWN}\n`, { mode: 0o600 });
  const manifest = { ...password({ env: "PASSWORD" }), tokens: { ci: { own_secret: { file: "token.txt" } } } };
  expect(await resolve(manifest, { PASSWORD: "p4ssword\n" })).toEqual({
    content: {
      buckets: { a: { auth: { type: "basic", username: "u", password: "p4ssword\n" } } },
      tokens: { ci: { own_secret: OWN } },
    },
    warnings: [],
  });
});

test("warns of a file that every user can read", async () => {
  const file = join(directory, "open.txt");
  writeFileSync(file, "p4ssword");
  chmodSync(file, 0o644);
  const { warnings } = await resolve(password({ file: "open.txt" }));
  expect(warnings).toEqual([expect.stringContaining("every user of this machine can read")]);
});

test("tells all that is missing at once, with path and place", async () => {
  writeFileSync(join(directory, "empty.txt"), "\n", { mode: 0o600 });
  writeFileSync(join(directory, "big.txt"), "x".repeat(5000), { mode: 0o600 });
  const message = await refusal(
    {
      ...password({ env: "NOT_THERE" }),
      tokens: {
        a: { own_secret: { file: "nowhere.txt" } },
        b: { own_secret: { file: "empty.txt" } },
        c: { own_secret: { file: "big.txt" } },
        d: { own_secret: { env: "EMPTY" } },
      },
    },
    { EMPTY: "" },
  );
  expect(message).toMatch(
    /m\.json:1:\d+: buckets\.a\.auth\.password: needs the environment variable NOT_THERE, which is not set\. Set it/,
  );
  expect(message).toMatch(/tokens\.a\.own_secret: needs the file .*nowhere\.txt, which is not there/);
  expect(message).toMatch(/tokens\.b\.own_secret: names .*empty\.txt, which is empty/);
  expect(message).toMatch(/tokens\.c\.own_secret: names .*big\.txt, which is too big to be a secret/);
  expect(message).toMatch(/tokens\.d\.own_secret: needs the environment variable EMPTY, which is empty/);
});

test("threat: a secret that cannot be used is not repeated", async () => {
  const message = await refusal({ tokens: { a: { own_secret: { env: "WEAK" } } } }, { WEAK: "too-weak-secret" });
  expect(message).toContain("tokens.a.own_secret: must have at least 32 characters, it has 15");
  expect(message).not.toContain("too-weak-secret");
});
