import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSecretsFile } from "./secrets-file.js";

const SECRETS = { ci: { key: "k", secret: "s3cret" } };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "relay-secrets-file-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test("is there whole, for this user only, or not at all", () => {
  const path = join(directory, "secrets.json");
  const file = openSecretsFile(path);
  expect(readdirSync(directory)).not.toContain("secrets.json");
  file.keep(SECRETS);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(SECRETS);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(["secrets.json"]);
});

test("leaves nothing when there are no secrets", () => {
  openSecretsFile(join(directory, "secrets.json")).discard();
  expect(readdirSync(directory)).toEqual([]);
});

test("is refused before anything is made where it cannot be written or would replace another", () => {
  const path = join(directory, "secrets.json");
  writeFileSync(path, "{}");
  expect(() => openSecretsFile(path)).toThrow("may hold the only copy of other secrets");
  expect(() => openSecretsFile(join(directory, "nowhere", "secrets.json"))).toThrow("cannot write");
});

test("threat: a link in its place does not lead the secrets elsewhere", () => {
  const path = join(directory, "secrets.json");
  symlinkSync(join(directory, "elsewhere"), path);
  openSecretsFile(path).keep(SECRETS);
  expect(readdirSync(directory)).toEqual(["secrets.json"]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
