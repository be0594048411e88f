import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { ManifestProgram } from "./support/manifest-program.js";

/** The `script` of util-linux is on every Linux; others call theirs differently. */
const terminals = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

const QUESTION = "Make these changes? Only yes will do: ";

let server: TestServer;
let program: ManifestProgram;
let manifest: string;
let count = 0;

beforeAll(async () => {
  server = await runServer();
  program = new ManifestProgram(server);
});
afterAll(async () => {
  program?.remove();
  await server?.close();
});
beforeEach(() => {
  count += 1;
  manifest = program.write("relay.yaml", { manifest: 1, name: `m${count}`, buckets: { [`b${count}`]: {} } });
});

const exists = async (name: string): Promise<boolean> =>
  ((await server.must("GET", "/v1/buckets")) as { name: string }[]).some((bucket) => bucket.name === name);

test.skipIf(!terminals)("on a terminal it shows the plan in colour, asks, and applies after yes", async () => {
  const { code, shown } = await program.onTerminal(["apply", "-f", manifest], [{ after: QUESTION, type: "yes\r" }]);
  expect(code).toBe(0);
  expect(shown).toContain(`\u001b[1mbucket/b${count}\u001b[22m`);
  expect(await exists(`b${count}`)).toBe(true);
});

test.skipIf(!terminals).each(["no\r", "y\r", "\r", "\u0003"])("after %j nothing is done", async (type) => {
  const { code } = await program.onTerminal(["apply", "-f", manifest], [{ after: QUESTION, type }]);
  // Ctrl-C is a key to the question, and a signal in the moment before it reads keys.
  expect(type === "\u0003" ? [1, 130] : [1]).toContain(code);
  expect(await exists(`b${count}`)).toBe(false);
});

test.skipIf(!terminals)("when the world moves meanwhile it shows the new plan and asks again", async () => {
  await program.run(["apply", "-f", manifest, "--auto-approve"]);
  program.write("relay.yaml", {
    manifest: 1,
    name: `m${count}`,
    buckets: { [`b${count}`]: { description: "declared" } },
  });
  const bucket = ((await server.must("GET", "/v1/buckets")) as { id: string; name: string }[]).find(
    ({ name }) => name === `b${count}`,
  );
  const move = async (): Promise<void> => {
    await server.must("PUT", `/v1/buckets/${bucket?.id}`, { description: "by hand" });
  };
  const { code, shown } = await program.onTerminal(
    ["apply", "-f", manifest],
    [
      { after: QUESTION, type: "yes\r", before: move },
      { after: QUESTION, type: "yes\r" },
    ],
  );
  expect(code).toBe(0);
  expect(shown).toContain("nothing was done");
  expect(shown).toContain('"by hand" -> "declared"');
  expect((await server.must("GET", `/v1/buckets/${bucket?.id}`)).description).toBe("declared");
});
