import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type MuteProxy, startMuteProxy } from "../../server/test/support/mute-proxy.js";
import { waitFor } from "../../server/test/support/wait-for.js";
import { grpcTransport } from "../src/link/grpc-transport.js";
import { startTestAgent, type TestAgent, testTransport } from "./in-process-agent.js";
import { type LinkServer, startLinkServer } from "./link-server.js";

/** Every TCP socket that this process has opened to a port, the agent's among them. */
let opened: Socket[] = [];
const note = (message: unknown) => void opened.push((message as { socket: Socket }).socket);

beforeEach(() => {
  opened = [];
  subscribe("net.client.socket", note);
});
afterEach(() => void unsubscribe("net.client.socket", note));

const to = (port: number) => opened.filter((socket) => socket.remotePort === port);

test.each(["grpc", "websocket"] as const)("threat: over %s a server that is gone without a word", async (kind) => {
  const server: LinkServer = await startLinkServer({ heartbeatMs: 100 });
  const target = kind === "grpc" ? `http://${server.grpcAddress}` : server.webSocketAddress;
  const proxy: MuteProxy = await startMuteProxy({ port: Number(new URL(target).port) });
  const agent: TestAgent = startTestAgent(server, {
    transport: testTransport(
      { ...server, grpcAddress: `127.0.0.1:${proxy.port}`, webSocketAddress: `ws://127.0.0.1:${proxy.port}` },
      kind,
    ),
  });
  const first = await server.session(1);
  await first.until(() => first.frames.some(({ $case }) => $case === "ping"));
  const [socket] = to(proxy.port);
  proxy.mute();
  await server.session(2);
  expect(agent.losses).toEqual([expect.stringMatching(/no sign of life/)]);
  await waitFor("the old socket to be gone", () => socket?.destroyed === true);
  await agent.stop();
  await server.close();
  proxy.close();
});

test("threat: over grpc a server that takes connections and says nothing", async () => {
  const silent = createServer();
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const transport = grpcTransport({
    address: `localhost:${port}`,
    tls: { caFile: null, verify: true },
    requireTls: true,
    proxy: null,
  });
  let reason = "";
  const connection = transport.connect({
    onOpen: () => undefined,
    onFrame: () => undefined,
    onClose: (why) => {
      reason = why;
    },
  });
  await once(silent, "connection");
  const [socket] = await waitFor("the agent's socket", () => to(port).length > 0 && to(port));
  connection.destroy("no welcome");
  expect(reason).toBe("no welcome");
  await waitFor("it to be gone", () => socket?.destroyed === true);
  silent.close();
});
