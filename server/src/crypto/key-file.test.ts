import { appendFile, chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadKeyFile, parseKeyFile } from "./key-file.js";

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "relay-key-"));
  path = join(dir, "key");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const line = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString("base64")}\n`;

test("is created once, with mode 600, and is the same at the next start", async () => {
  const first = await loadKeyFile(path, { mayCreate: true });
  const second = await loadKeyFile(path, { mayCreate: false });
  expect(second.currentId).toBe(first.currentId);
  expect(second.key(first.currentId)).toEqual(first.key(first.currentId));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("two servers that create it at once end with the same key", async () => {
  const files = await Promise.all(Array.from({ length: 8 }, () => loadKeyFile(path, { mayCreate: true })));
  expect(new Set(files.map((file) => file.key(file.currentId)?.toString("hex"))).size).toBe(1);
});

test("a lost file is not replaced while the database depends on it", async () => {
  await expect(loadKeyFile(path, { mayCreate: false })).rejects.toThrow("Restore it from its backup");
  await expect(stat(path)).rejects.toThrow("ENOENT");
});

test("a file that others can read is refused, with the command that helps", async () => {
  await writeFile(path, line("a", 1));
  await chmod(path, 0o640);
  await expect(loadKeyFile(path, { mayCreate: false })).rejects.toThrow(`chmod 600 "${path}"`);
});

test("the last line is current, older keys stay, derived keys do not change with a rotation", async () => {
  await writeFile(path, line("a", 1), { mode: 0o600 });
  const before = await loadKeyFile(path, { mayCreate: false });
  await appendFile(path, `# ${new Date(0).toISOString()}\n\n${line("b", 2)}`);
  const after = await loadKeyFile(path, { mayCreate: false });
  expect(after.currentId).toBe("b");
  expect(after.key("a")).toEqual(Buffer.alloc(32, 1));
  expect(after.key("c")).toBeUndefined();
  expect(after.deriveKey("tickets")).toEqual(before.deriveKey("tickets"));
  expect(after.deriveKey("tickets")).not.toEqual(after.deriveKey("else"));
  expect(await readFile(path, "utf8")).toContain("a:");
});

test("a malformed line is named by number and its content kept out of the error", () => {
  const wrong = `a:${Buffer.alloc(31, 7).toString("base64")}`;
  expect(() => parseKeyFile(`# x\n${wrong}\n`, "key")).toThrow(/^key, line 2: expected/);
  expect(() => parseKeyFile(wrong, "key")).not.toThrow(wrong.slice(2));
  expect(() => parseKeyFile(line("a", 1) + line("a", 2), "key")).toThrow("used twice");
  expect(() => parseKeyFile("\n", "key")).toThrow("holds no key");
});
