import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Outcome, Reason } from "@relay/server/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listenOnLoopback } from "../../server/test/support/listen-on-loopback.js";
import { type AgentProcess, agentEnvironment, agentHome, startAgentProcess } from "./agent-process.js";
import { type Answer, type Destination, startDestination } from "./destination.js";
import { type LinkServer, type LinkServerOptions, startLinkServer, testDelivery, testOutput } from "./link-server.js";

let home: ReturnType<typeof agentHome>;
let destination: Destination;
let server: LinkServer;
let answer: Answer;
const processes: AgentProcess[] = [];

beforeEach(async () => {
  home = agentHome();
  answer = (_request, response) => response.end();
  destination = await startDestination((request, response) => answer(request, response));
});
afterEach(async () => {
  for (const { child } of processes.splice(0)) child.kill("SIGKILL");
  await server.close();
  await destination.stop();
  home.remove();
});

async function listen(options: LinkServerOptions = {}): Promise<void> {
  server = await startLinkServer({ outputs: [testOutput(destination.url)], ...options });
}

function relay(args: readonly string[], env: NodeJS.ProcessEnv = {}, input?: string): AgentProcess {
  const started = startAgentProcess(args, { ...agentEnvironment(server, home.path), ...env }, input);
  processes.push(started);
  return started;
}

describe("relay run", () => {
  test("prints one plain line for each webhook, or JSON", async () => {
    await listen();
    const plain = relay(["run"]);
    (await server.session(1)).deliver(testDelivery(1, { path: "/x" }));
    await plain.seen("POST /x 200");
    expect(plain.stderr()).toMatch(/connected to grpc:\/\/127.0.0.1:\d+ as agent tester/);
    plain.child.kill("SIGINT");
    expect(await plain.exited).toBe(0);
    const json = relay(["run", "--json"]);
    (await server.session(2)).deliver(testDelivery(2, { path: "/y" }));
    await json.seen("delivery_id");
    expect(JSON.parse(json.stdout())).toMatchObject({
      event: "delivery",
      path: "/y",
      outcome: "delivered",
      status: 200,
    });
  });

  test("answers from the ledger after kill -9 and a restart", async () => {
    await listen();
    const first = relay(["run"]);
    const before = await server.session(1);
    before.deliver(testDelivery(1));
    await before.ack(1);
    first.child.kill("SIGKILL");
    await first.exited;
    const second = relay(["run"]);
    const after = await server.session(2);
    after.deliver(testDelivery(1, {}, { attempt: 2 }));
    expect(await after.ack(1)).toMatchObject({ outcome: Outcome.OUTCOME_DELIVERED, fromLedger: true });
    expect(destination.received).toHaveLength(1);
    expect(before.hello?.instance).not.toBe(after.hello?.instance);
    second.child.kill("SIGINT");
    expect(await second.exited).toBe(0);
  });

  test("waits for a server that is not there yet", async () => {
    // A port that was free a moment ago.
    const { port, stop } = await listenOnLoopback(createServer());
    await stop();
    await listen({ grpcPort: port });
    await server.close();
    const agent = relay(["run"]);
    await agent.seen("retrying in");
    await listen({ grpcPort: port });
    expect((await server.session(1)).hello?.agent).toBe("tester");
  });

  test("ends with 5 when another agent of its name takes over", async () => {
    await listen();
    const agent = relay(["run"]);
    const session = await server.session(1);
    const value = { reason: Reason.REASON_FENCED, message: "", retryAfterMs: 0, minProtocol: 1, maxProtocol: 1 };
    session.send({ $case: "refused", value });
    expect(await agent.exited).toBe(5);
    expect(agent.stderr()).toContain("another agent named tester took over");
  });

  test("ends with 3 when the token is refused, without telling the secret", async () => {
    const value = {
      reason: Reason.REASON_UNAUTHORIZED,
      message: "wrong",
      retryAfterMs: 0,
      minProtocol: 1,
      maxProtocol: 1,
    };
    await listen({ onHello: (session) => session.send({ $case: "refused", value }) });
    const agent = relay(["run"]);
    expect(await agent.exited).toBe(3);
    expect(agent.stderr()).toContain("the server refused the token: wrong");
    expect(agent.stderr()).not.toContain("s3cret");
  });

  test("on an interrupt finishes the calls in flight and returns the rest", async () => {
    await listen();
    let release: () => void = () => undefined;
    answer = (_request, response) => {
      release = () => response.end();
    };
    const agent = relay(["run", "--concurrency", "1"]);
    const session = await server.session(1);
    session.deliver(testDelivery(1), testDelivery(2));
    await destination.count(1);
    agent.child.kill("SIGINT");
    expect((await session.ack(2)).outcome).toBe(Outcome.OUTCOME_RETURNED);
    expect(session.acks.has(1)).toBe(false);
    release();
    expect((await session.ack(1)).outcome).toBe(Outcome.OUTCOME_DELIVERED);
    expect(await agent.exited).toBe(0);
    const kinds = session.frames.map(({ $case }) => $case);
    expect(kinds).toContain("window");
    expect(kinds.at(-1)).toBe("goodbye");
  });

  test("a second interrupt ends it at once", async () => {
    await listen();
    answer = () => undefined;
    const agent = relay(["run"]);
    const session = await server.session(1);
    session.deliver(testDelivery(1));
    await destination.count(1);
    agent.child.kill("SIGINT");
    await agent.seen("finishing calls in flight");
    agent.child.kill("SIGINT");
    expect(await agent.exited).toBe(1);
  });

  test("refuses a second agent of the same name on this machine", async () => {
    await listen();
    relay(["run"]);
    await server.session(1);
    const second = relay(["run"]);
    expect(await second.exited).toBe(1);
    expect(second.stderr()).toMatch(/another agent of this name runs on this machine \(process \d+.*--name/);
  });

  test("keeps ledger and ticket in files of its user only", async () => {
    await listen({
      onHello(session) {
        session.welcome(10_000, Buffer.from("ticket"));
        session.outputs([testOutput(destination.url)]);
      },
    });
    relay(["run"]);
    const session = await server.session(1);
    session.deliver(testDelivery(1));
    await session.ack(1);
    const [name = ""] = readdirSync(join(home.path, "state"));
    const directory = join(home.path, "state", name);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(directory)) {
      expect(statSync(join(directory, file)).mode & 0o777, file).toBe(0o600);
      expect(readFileSync(join(directory, file)).includes("s3cret-of-the-test"), file).toBe(false);
    }
    expect(readdirSync(directory)).toContain("ticket");
  });

  test("threat: plain text to another machine is refused", async () => {
    await listen();
    const agent = relay(["run"], { RELAY_GRPC_API_ADDRESS: "192.0.2.1:9302" });
    expect(await agent.exited).toBe(2);
    expect(agent.stderr()).toContain("refusing to send the token in plain text to 192.0.2.1:9302");
  });
});
