import { randomUUID } from "node:crypto";
import type { Gap, Output, Welcome } from "@relay/server/wire";
import type { AllowList } from "./forward/allow-list.js";
import { createForwarder, type ForwardReport } from "./forward/forwarder.js";
import { openLedger } from "./forward/ledger.js";
import type { RetryPolicy } from "./forward/retry-policy.js";
import { type LinkEnd, startAgentLink } from "./link/agent-link.js";
import { openTicketStore } from "./link/ticket-store.js";
import type { Transport } from "./link/transport.js";
import { openAgentState } from "./state-directory.js";

export interface AgentOptions {
  readonly transport: Transport;
  /** What the server is known by, whatever the transport: its API address. */
  readonly server: string;
  readonly tokenKey: string;
  readonly tokenSecret: string;
  /** Name of the agent; see `numbered`. */
  readonly name: string;
  /** True: several agents of this name on one machine become name, name-2, name-3. */
  readonly numbered: boolean;
  readonly version: string;
  readonly buckets: readonly string[];
  readonly outputs: readonly string[];
  readonly window: number;
  readonly windowBytes: number;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly allow: AllowList | null;
  readonly stateRoot: string;
  readonly events: AgentEvents;
}

/** What an agent has to tell people. */
export interface AgentEvents {
  connected(info: { readonly address: string; readonly agent: string; readonly welcome: Welcome }): void;
  lost(reason: string, delayMs: number): void;
  goingAway(reason: string): void;
  outputs(outputs: readonly Output[], unknownBuckets: readonly string[]): void;
  gap(gap: Gap, output: Output | undefined): void;
  warning(text: string): void;
  /** Null: nobody looks. */
  readonly forwarded: ((report: ForwardReport) => void) | null;
}

/** A running agent. */
export interface Agent {
  readonly name: string;
  /** Resolves when the agent has ended and released everything. */
  readonly ended: Promise<LinkEnd>;
  /** Finishes the calls in flight for at most `limitMs`, says goodbye, ends. */
  drain(limitMs: number): void;
  /** Ends now. */
  stop(): void;
}

/** Starts an agent: state directory, ledger, forwarder, link. Throws StateLockedError when its name is in use here. */
export function startAgent(options: AgentOptions): Agent {
  const { events } = options;
  const state = openAgentState({
    root: options.stateRoot,
    server: options.server,
    agent: options.name,
    allowNumbered: options.numbered,
  });
  if (state.warning !== null) events.warning(state.warning);
  const ledger = openLedger({
    directory: state.directory,
    now: Date.now,
    onWriteError: (error) =>
      events.warning(`cannot write the ledger: ${error.message}. Deliveries go on; a crash now may repeat some.`),
  });
  const now = () => performance.now();
  const forwarder = createForwarder({
    ledger,
    allow: options.allow,
    concurrency: options.concurrency,
    retry: options.retry,
    timeoutMs: options.timeoutMs,
    window: options.window,
    report: events.forwarded,
    onRefusedOutput: (_output, reason) => events.warning(reason),
    now,
    wallClock: Date.now,
  });
  let served: readonly Output[] = [];
  const link = startAgentLink({
    transport: options.transport,
    identity: { ...options, agent: state.agent, instance: randomUUID() },
    tickets: openTicketStore({ ...options, directory: state.directory, now: Date.now }),
    receiver: {
      sessionStarted: forwarder.sessionStarted,
      sessionEnded: forwarder.sessionEnded,
      onDeliveries: forwarder.deliveries,
      onTriesAnswer: forwarder.triesAnswered,
      onOutputs(outputs, unknownBuckets) {
        served = outputs;
        forwarder.outputs(outputs);
        events.outputs(outputs, unknownBuckets);
      },
    },
    events: {
      connected: (welcome) => events.connected({ address: options.transport.address, agent: state.agent, welcome }),
      lost: events.lost,
      goingAway: events.goingAway,
      gap: (gap) =>
        events.gap(
          gap,
          served.find(({ id }) => id === gap.outputId),
        ),
    },
    now,
    random: Math.random,
  });
  const ended = link.ended.then((end) => {
    forwarder.close();
    ledger.close();
    state.release();
    return end;
  });
  let draining = false;
  return {
    name: state.agent,
    ended,
    drain(limitMs) {
      if (draining) return;
      draining = true;
      const limit = setTimeout(() => {
        events.warning(`gave up waiting for ${forwarder.running} calls in flight`);
        link.stop();
      }, limitMs);
      forwarder.drain().then(() => {
        clearTimeout(limit);
        link.stop();
      });
    },
    stop: () => link.stop(),
  };
}
