import { hostname } from "node:os";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { type AgentProcess, agentHome, startAgentProcess } from "../agent-process.js";
import { type ConnectProxy, startConnectProxy } from "../connect-proxy.js";
import { type RecordingDestination, startRecordingDestination } from "./support/recording-destination.js";
import { relayEnvironment } from "./support/run-agent.js";
import { postWebhook } from "./support/steady-load.js";

/** A name that is not loopback and that the server's certificate has; only the proxy knows where it is. */
const HOST = hostname();

let server: TestServer;
let proxy: ConnectProxy;
let destination: RecordingDestination;
let home: ReturnType<typeof agentHome>;
const running: AgentProcess[] = [];

beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  home = agentHome();
  proxy = await startConnectProxy();
  destination = await startRecordingDestination();
});
afterEach(async () => {
  for (const { child, exited } of running.splice(0)) {
    child.kill("SIGKILL");
    await exited;
  }
  proxy.close();
  await destination.stop();
  home.remove();
});

const port = (address: string): string => /\d+$/.exec(address)?.[0] ?? "";

/** Runs a command that reaches the server by its name; the environment's changes come last. */
function relay(args: readonly string[], env: NodeJS.ProcessEnv = {}): AgentProcess {
  const started = startAgentProcess(args, {
    ...relayEnvironment(server, home.path),
    RELAY_API_ADDRESS: `https://${HOST}:${port(server.at.https)}`,
    RELAY_GRPC_API_ADDRESS: `${HOST}:${port(server.at.grpc)}`,
    RELAY_WS_ADDRESS: `wss://${HOST}:${port(server.at.https)}`,
    HTTPS_PROXY: proxy.url,
    ...env,
  });
  running.push(started);
  return started;
}

/** Runs a command that cannot reach the server, until it has said why. */
async function told(args: readonly string[], words: RegExp, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const failing = relay(args, env);
  if (args[0] === "run") await failing.seen("retrying in");
  else expect(await failing.exited).toBe(4);
  expect(failing.stderr()).toMatch(words);
  expect(failing.stderr()).not.toContain("undefined");
  failing.child.kill("SIGKILL");
  await failing.exited;
}

/** A REST call, and the agent link over both transports. */
const EVERY_WAY: readonly (readonly [readonly string[]])[] = [[["bucket", "ls"]], [["run"]], [["run", "--ws"]]];

describe("with HTTPS_PROXY", () => {
  test("REST calls take the proxy", async () => {
    const { bucketId } = await server.route({});
    const done = relay(["bucket", "ls"]);
    expect(await done.exited).toBe(0);
    expect(done.stdout()).toContain(bucketId);
    expect(proxy.asked).toEqual([{ target: `${HOST}:${port(server.at.https)}`, authorization: undefined }]);
  });

  test.each([
    ["gRPC", [], () => port(server.at.grpc)],
    ["WebSocket", ["--ws"], () => port(server.at.https)],
  ])("the agent link over %s takes it, the destination does not", async (_name, flags, linkPort) => {
    // An address of this machine that is not loopback: only the rule that destinations are direct keeps the proxy out.
    const url = destination.url.replace("127.0.0.1", "0.0.0.0");
    const { bucketId, path } = await server.route({ output: { destination: url } });
    const env = { HTTPS_PROXY: proxy.url.replace("//", "//me:p%40ss@"), HTTP_PROXY: proxy.url, ALL_PROXY: proxy.url };
    const agent = relay(["run", "-b", bucketId, ...flags], env);
    await agent.seen("serving ");
    expect(await postWebhook(server.at.http + path, { sequence: 1 })).toBe(200);
    await destination.allArrived([1]);
    const authorization = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    expect(proxy.asked).toEqual([{ target: `${HOST}:${linkPort()}`, authorization }]);
    expect(proxy.strays).toEqual([]);
    expect(agent.stderr()).not.toContain("p@ss");
  });

  test.each(EVERY_WAY)("%j: a refusal is told in words", async (args) => {
    proxy.answer = 407;
    await told(args, /the proxy 127.0.0.1:\d+ wants a name and password \(407\): HTTPS_PROXY=http:\/\/name:password@/);
    proxy.answer = 403;
    await told(args, new RegExp(`the proxy 127.0.0.1:\\d+ refused to connect to ${HOST}:\\d+ \\(403\\).*NO_PROXY`));
  });

  test.each(EVERY_WAY)("%j: a proxy that is not there is told in words", async (args) => {
    proxy.close();
    await told(args, /the proxy 127.0.0.1:\d+ cannot be reached \(.*ECONNREFUSED.*\): correct HTTPS_PROXY/);
  });

  test.each(EVERY_WAY)("%j: one of another kind is wrong usage", async (args) => {
    const refused = relay(args, { HTTPS_PROXY: "socks5://127.0.0.1:1080" });
    expect(await refused.exited).toBe(2);
    expect(refused.stderr()).toContain("HTTPS_PROXY is not the http:// or https:// URL of a proxy");
  });

  test.each(EVERY_WAY)("%j: the certificate is checked as without a proxy", async (args) => {
    await told(args, /certificate.*RELAY_CA_FILE names the authority to trust/, { RELAY_CA_FILE: "" });
    await told(args, new RegExp(`the certificate is for .*${HOST}.*, you dialled other.test: `), {
      RELAY_API_ADDRESS: `https://other.test:${port(server.at.https)}`,
      RELAY_GRPC_API_ADDRESS: `other.test:${port(server.at.grpc)}`,
      RELAY_WS_ADDRESS: `wss://other.test:${port(server.at.https)}`,
    });
  });

  test.each([["NO_PROXY"], ["no_proxy"]])("what %s names and loopback are reached directly", async (name) => {
    const loopback = relayEnvironment(server, home.path);
    const direct = relay(["bucket", "ls"], { ...loopback, RELAY_API_ADDRESS: server.at.https });
    expect(await direct.exited).toBe(0);
    const addresses = {
      RELAY_GRPC_API_ADDRESS: server.at.grpc,
      RELAY_WS_ADDRESS: server.at.https.replace("http", "ws"),
    };
    await relay(["run"], { ...addresses, RELAY_AGENT_NAME: "a" }).seen("connected to ");
    await relay(["run", "--ws"], { ...addresses, RELAY_AGENT_NAME: "b" }).seen("connected to ");
    // No such host is known here: not being asked, the proxy cannot lead there.
    const named = relay(["bucket", "ls"], { RELAY_API_ADDRESS: "https://relay.invalid:1", [name]: ".invalid" });
    expect(await named.exited).toBe(4);
    expect(proxy.asked).toEqual([]);
  });
});
