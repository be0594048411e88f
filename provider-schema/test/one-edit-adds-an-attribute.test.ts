import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PACKAGE = join(ROOT, "provider-schema");

/** Files that do not say what an input is. */
const OF_SOMETHING_ELSE: readonly string[] = ["generated/pulumi-sdk/package.json"];

test("one edit adds an attribute to everything that is derived from the schema", async () => {
  const folder = await mkdtemp(join(tmpdir(), "relay-one-edit-"));
  try {
    const copy = join(folder, "provider-schema");
    for (const part of ["src", "generated", "package.json", "tsconfig.json"]) {
      await cp(join(PACKAGE, part), join(copy, part), { recursive: true });
    }
    await cp(join(ROOT, "tsconfig.base.json"), join(folder, "tsconfig.base.json"));
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));

    const file = join(copy, "src/resources/input.ts");
    const before = await readFile(file, "utf8");
    const edited = before.replace(
      "    description: DESCRIPTION,\n",
      '    description: DESCRIPTION,\n    favourite_colour: { kind: { type: "string" }, presence: { default: "blue" }, doc: "Colour of its tile." },\n',
    );
    expect(edited).not.toBe(before);
    await writeFile(file, edited);
    const node = process.execPath;
    await run(node, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", copy]);
    await run(node, [join(copy, "dist/generate.js")]);
    // What was generated compiles.
    await run(node, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", copy]);

    const files = [
      "src/generated/types.ts",
      ...(await readdir(join(copy, "generated"), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(copy.length + 1)),
    ].filter((path) => !OF_SOMETHING_ELSE.includes(path));
    expect(files.length).toBeGreaterThan(3);
    for (const path of files) {
      const text = await readFile(join(copy, path), "utf8");
      expect(/favourite_colour|favouriteColour/.test(text), path).toBe(true);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 90_000);
