import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "./support/run-server.js";
import { runWord } from "./support/run-word.js";

let server: TestServer;
beforeAll(async () => {
  server = await runServer({ env: { STATUS_USERNAME: "monitor", STATUS_PASSWORD: "päss:word" } });
});
afterAll(() => server.close());

const port = () => new URL(server.at.status).port;
const LOGIN = { STATUS_USERNAME: "monitor", STATUS_PASSWORD: "päss:word" };

test("a server that lives is exit code 0 and silence, whatever else is wrong in the environment", async () => {
  const env = { STATUS_PORT: port(), ...LOGIN };
  expect(await runWord(["health"], env)).toEqual({ code: 0, stdout: "", stderr: "" });
  // As a container has it that listens on all addresses.
  const all = { ...env, STATUS_ADDRESS: "0.0.0.0", LOG_LEVEL: "loud", ADMIN_API_SECRET_FILE: "/nowhere" };
  expect(await runWord(["health"], all)).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("a wrong login, another port and a stopped server are exit code 1 and a reason without the password", async () => {
  const wrong = await runWord(["health"], { STATUS_PORT: port(), ...LOGIN, STATUS_PASSWORD: "guess" });
  expect(wrong).toEqual({ code: 1, stdout: "", stderr: expect.stringContaining("/healthz answered 401") });
  expect(wrong.stderr).not.toContain("guess");
  const any = await runWord(["health"], { STATUS_PORT: "0" });
  expect(any).toEqual({ code: 1, stdout: "", stderr: expect.stringContaining("STATUS_PORT is 0") });
  const nobody = await runWord(["health"], { STATUS_PORT: "1" });
  expect(nobody).toEqual({ code: 1, stdout: "", stderr: expect.stringContaining("127.0.0.1:1/healthz: ") });
});

test("a server that does not answer is given up after 3 s", async () => {
  const mute = createServer(() => {});
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  try {
    const { code, stderr } = await runWord(["health"], { STATUS_PORT: String((mute.address() as AddressInfo).port) });
    expect([code, stderr]).toEqual([1, expect.stringContaining("no answer in 3 s")]);
  } finally {
    mute.closeAllConnections();
    mute.close();
  }
});

test("words take no arguments, and unknown ones name those that exist", async () => {
  for (const words of [["health", "now"], ["upgrade"]]) {
    const { code, stderr } = await runWord(words, {});
    expect([code, stderr]).toEqual([2, expect.stringContaining("knows the words migrate and health")]);
  }
});
