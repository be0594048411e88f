import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Gap, Output } from "@relay/server/wire";
import { type Agent, type AgentOptions, startAgent } from "../src/agent.js";
import type { ForwardReport } from "../src/forward/forwarder.js";
import { grpcTransport } from "../src/link/grpc-transport.js";
import type { Transport } from "../src/link/transport.js";
import { webSocketTransport } from "../src/link/websocket-transport.js";
import type { LinkServer } from "./link-server.js";

/** An agent within the test's process, with what it told people. */
export interface TestAgent {
  readonly agent: Agent;
  readonly reports: ForwardReport[];
  readonly warnings: string[];
  readonly losses: string[];
  readonly gaps: { readonly gap: Gap; readonly output: Output | undefined }[];
  stop(): Promise<void>;
}

const TLS = { caFile: null, verify: true };

/** The transport of a test server by name. */
export function testTransport(server: LinkServer, name: "grpc" | "websocket"): Transport {
  if (name === "grpc") return grpcTransport({ address: server.grpcAddress, tls: TLS, requireTls: false, proxy: null });
  return webSocketTransport({ address: server.webSocketAddress, tls: TLS, requireTls: false, proxy: null });
}

/** Starts an agent; retries are quick unless changed. */
export function startTestAgent(server: LinkServer, changes: Partial<AgentOptions> = {}): TestAgent {
  const stateRoot = mkdtempSync(join(tmpdir(), "relay-state-"));
  const reports: ForwardReport[] = [];
  const warnings: string[] = [];
  const losses: string[] = [];
  const gaps: TestAgent["gaps"] = [];
  const agent = startAgent({
    transport: testTransport(server, "grpc"),
    server: "http://test",
    credentials: { key: "key", secret: "secret" },
    credentialsFile: null,
    name: "tester",
    numbered: false,
    version: "0.0.0",
    buckets: [],
    outputs: [],
    window: 512,
    windowBytes: 32 * 1024 * 1024,
    concurrency: 32,
    timeoutMs: 30_000,
    retry: { maxRetries: 2, waitMinMs: 5, waitMaxMs: 20 },
    allow: null,
    stateRoot,
    events: {
      connected: () => undefined,
      lost: (reason) => losses.push(reason),
      goingAway: () => undefined,
      outputs: () => undefined,
      gap: (gap, output) => gaps.push({ gap, output }),
      newCredentials: () => undefined,
      warning: (text) => warnings.push(text),
      forwarded: (report) => reports.push(report),
    },
    ...changes,
  });
  return {
    agent,
    reports,
    warnings,
    losses,
    gaps,
    async stop() {
      agent.stop();
      await agent.ended;
      rmSync(stateRoot, { recursive: true, force: true });
    },
  };
}
