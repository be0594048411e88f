import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "./support/run-server.js";

const PATHS = ["/healthz", "/readyz", "/metrics"];
let server: TestServer;
let open: TestServer;
beforeAll(async () => {
  server = await runServer({ env: { STATUS_USERNAME: "monitor", STATUS_PASSWORD: "päss:word" } });
  open = await runServer();
});
afterAll(async () => {
  await server.close();
  await open.close();
});

async function statuses(at: TestServer, credentials?: string, paths = PATHS): Promise<number[]> {
  const headers: Record<string, string> =
    credentials === undefined ? {} : { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  return Promise.all(paths.map(async (path) => (await fetch(at.at.status + path, { headers })).status));
}

test("with STATUS_USERNAME and STATUS_PASSWORD it answers those who know them, on every path", async () => {
  expect(await statuses(server, "monitor:päss:word")).toEqual([200, 200, 200]);
  for (const wrong of [undefined, "monitor:", "monitor:päss:wor", "other:päss:word", ":", "monitor:päss:word "]) {
    expect(await statuses(server, wrong)).toEqual([401, 401, 401]);
  }
  expect(await statuses(server, undefined, ["/nope"])).toEqual([401]);
  const asked = await fetch(`${server.at.status}/metrics`);
  expect([asked.headers.get("www-authenticate"), await asked.text()]).toEqual([
    expect.stringMatching(/^Basic /),
    "Unauthorized",
  ]);
});

test("without them it asks nobody", async () => {
  expect(await statuses(open)).toEqual([200, 200, 200]);
  expect(await statuses(open, "any:thing")).toEqual([200, 200, 200]);
});
