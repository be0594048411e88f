import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mustSucceed, startCommand } from "../../provider-schema/test/support/run-command.js";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { waitFor } from "../../server/test/support/wait-for.js";
import { readPage } from "./support/runbooks/pages.js";
import { relayOnPath } from "./support/runbooks/relay-on-path.js";

const PAGE = readPage("docs/operate/first-install.md");
const received: string[] = [];
const destination = createServer((request, response) => {
  request.setEncoding("utf8").on("data", (chunk: string) => received.push(chunk));
  request.on("end", () => response.end());
});

let server: TestServer;
let folder: string;
let port: number;

beforeAll(async () => {
  server = await runServer();
  folder = await mkdtemp(join(tmpdir(), "relay-first-check-"));
  await new Promise<void>((resolve) => destination.listen(0, "127.0.0.1", resolve));
  port = (destination.address() as AddressInfo).port;
}, 60_000);
afterAll(async () => {
  destination.close();
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The commands of a block that this machine can run: all that need no cloud. */
function runnable(part: string): string {
  const text = PAGE.blocks.find((block) => block.text.includes(part))?.text;
  if (text === undefined) throw new Error(`docs/operate/first-install.md has no block with ${part}.`);
  const lines = text.split("\n").filter((line) => /^(relay|curl|kill|rm) /.test(line));
  return lines.join("\n").replaceAll("http://localhost:3000/", `http://localhost:${port}/`);
}

test("the check at the end of the first install brings a webhook to an agent", async () => {
  const made = runnable("relay bucket create");
  const [run = "", curl = "", logs = ""] = runnable("relay run").split("\n");
  const tidied = runnable("relay bucket rm").replace("rm administrator token.json", "rm token.json");
  // A person reads the address, and looks again until the webhook has come.
  const script = `set -eu
{ ${made}
} > made
input=$(sed -n 's|.*\\(http://[^ ]*/v1/webhooks/[0-9a-f-]*\\).*|\\1|p' made | head -n 1)
${run}
${curl.replace("INPUT_URL", '"$input"')}
until ${logs} | grep --quiet sent; do sleep 0.2; done
${logs}
${tidied}`;
  const env = {
    PATH: [await relayOnPath(folder), dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
    HOME: folder,
    RELAY_API_ADDRESS: server.at.http,
    RELAY_GRPC_API_ADDRESS: server.at.grpc,
    RELAY_CA_FILE: server.at.caFile,
    RELAY_KEY: server.adminKey,
    RELAY_SECRET: server.adminSecret,
  };
  // Job control, for `kill %1`.
  const { stdout } = mustSucceed(
    await startCommand("bash", ["-m", "-c", script], { cwd: folder, env, timeoutMs: 60_000 }).done,
  );
  expect(stdout).toContain("sent");
  await waitFor("the webhook", () => received.join("") === '{"hello":"relay"}' || undefined);
  expect((await server.must("GET", "/v1/buckets")).map(({ name }: { name: string }) => name)).not.toContain(
    "first-check",
  );
}, 90_000);
