import { randomUUID } from "node:crypto";
import type { Gap, Output, Welcome } from "@relay/server/wire";
import type { AllowList } from "./forward/allow-list.js";
import { createForwarder, type ForwardReport } from "./forward/forwarder.js";
import { openLedger } from "./forward/ledger.js";
import type { RetryPolicy } from "./forward/retry-policy.js";
import { type AgentLink, type LinkEnd, type Login, startAgentLink } from "./link/agent-link.js";
import type { Credentials, CredentialsFile } from "./link/credentials.js";
import { type CredentialsWatch, watchCredentials } from "./link/credentials-watch.js";
import { openTicketStore } from "./link/ticket-store.js";
import type { Transport } from "./link/transport.js";
import { describeDuration } from "./render/describe-duration.js";
import { openAgentState } from "./state-directory.js";

export interface AgentOptions {
  readonly transport: Transport;
  /** What the server is known by, whatever the transport: its API address. */
  readonly server: string;
  readonly credentials: Credentials;
  /** Where they came from, when that may change while the agent runs. */
  readonly credentialsFile: CredentialsFile | null;
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
  /** Other credentials were found in this file and are used from now on. */
  newCredentials(path: string): void;
  /** Null: nobody looks. */
  readonly forwarded: ((report: ForwardReport) => void) | null;
}

/** As long as Kubernetes takes to bring a changed secret to its mounts, and then some. */
const AWAIT_CREDENTIALS_MS = 300_000;

/** A running agent. */
export interface Agent {
  readonly name: string;
  /** Resolves when the agent has ended and released everything. */
  readonly ended: Promise<LinkEnd>;
  /** Finishes the calls in flight for at most `limitMs`, says goodbye, ends. */
  drain(limitMs: number): void;
  /** Looks now whether the credentials file has changed. */
  reread(): void;
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
  const { credentials, credentialsFile: file } = options;
  const loginOf = ({ key, secret }: Credentials): Login => ({
    key,
    secret,
    tickets: openTicketStore({ directory: state.directory, tokenKey: key, tokenSecret: secret, now: Date.now }),
  });
  const link: AgentLink = startAgentLink({
    transport: options.transport,
    identity: {
      agent: state.agent,
      instance: randomUUID(),
      version: options.version,
      buckets: options.buckets,
      outputs: options.outputs,
      window: options.window,
      windowBytes: options.windowBytes,
    },
    login: loginOf(credentials),
    awaitLoginMs: file === null ? 0 : AWAIT_CREDENTIALS_MS,
    receiver: {
      sessionStarted: forwarder.sessionStarted,
      finishSession: forwarder.finishSession,
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
      secretReplaced(validForMs) {
        events.warning(
          `the token has a new secret; the one of this agent is good for another ${describeDuration(validForMs)}. ${whereToPutIt(file)}`,
        );
        watch?.offerAgain();
      },
      loginRefused: (reason) =>
        events.warning(
          `the server refused the credentials that are in ${file?.path} now (${reason}); going on with those before until the file changes`,
        ),
      awaitingLogin(reason) {
        events.warning(
          `the server refused the token: ${reason}. Waiting up to ${describeDuration(AWAIT_CREDENTIALS_MS)} for other credentials in ${file?.path}`,
        );
        watch?.offerAgain();
      },
    },
    now,
    random: Math.random,
  });
  const watch: CredentialsWatch | null =
    file === null
      ? null
      : watchCredentials({
          file,
          initial: credentials,
          onChange(changed) {
            if (link.use(loginOf(changed))) events.newCredentials(file.path);
          },
          onProblem: events.warning,
        });
  const ended = link.ended.then((end) => {
    watch?.stop();
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
    reread: () => watch?.look(),
    stop: () => link.stop(),
  };
}

/** What people can do about a secret that is about to end. */
function whereToPutIt(file: CredentialsFile | null): string {
  return file === null
    ? "Start it again with the new one, or once with --token-file, which is watched"
    : `It is taken from ${file.path} as soon as it is there`;
}
