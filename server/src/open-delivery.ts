import type pg from "pg";
import type { Logger } from "pino";
import { statusName } from "./admin/log-status.js";
import type { ResumptionTickets } from "./auth/resumption-ticket.js";
import type { TokenAuthenticator } from "./auth/token-authenticator.js";
import type { Catalog } from "./catalog/catalog.js";
import type { Config } from "./config/load-config.js";
import type { Keyring } from "./crypto/keyring.js";
import { AttemptRecorder } from "./delivery/attempt-recorder.js";
import { BatchedWrites } from "./delivery/batched-writes.js";
import { callPublicOutput } from "./delivery/call-public-output.js";
import { DeliveryEnds } from "./delivery/delivery-ends.js";
import { Dispatcher } from "./delivery/dispatcher.js";
import { DueSweep } from "./delivery/due-sweep.js";
import { KnownAgents } from "./delivery/known-agents.js";
import { Preparation } from "./delivery/preparation.js";
import { PublicOutputs } from "./delivery/public-outputs.js";
import { wantsAnswer } from "./delivery/wants-answer.js";
import type { DestinationGuard } from "./destination/guard/destination-guard.js";
import type { OutboundProxy } from "./destination/outbound-proxy.js";
import type { Hint } from "./hint/hint.js";
import { Hub } from "./hub/hub.js";
import { createPublicDestinations } from "./public-destination/public-destinations.js";
import { RemoteAnswers } from "./responses/remote-answers.js";
import { ResponseWaits } from "./responses/response-waits.js";
import { SenderAnswers } from "./responses/sender-answers.js";
import { ServerLease } from "./server-lease.js";
import { COMPLETION_SETTINGS, completeDeliveries } from "./store/complete-deliveries.js";
import { createPool, type PoolOptions } from "./store/pool.js";
import { ATTEMPT_SETTINGS } from "./store/record-attempts.js";
import { rescheduleDeliveries } from "./store/reschedule-deliveries.js";
import type { Metrics } from "./telemetry/metrics.js";
import type { Undo } from "./undo.js";
import { SERVER_VERSION } from "./version.js";
import type { ResponseFunctions } from "./webhook-functions/response-functions.js";
import type { WebhookFunctions } from "./webhook-functions/webhook-functions.js";
import { Outcome } from "./wire/index.js";

/** Calls of one public destination at a time. */
const PUBLIC_CONCURRENCY = 64;

export interface DeliverySources {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly database: Pick<PoolOptions, "url" | "role" | "logger">;
  readonly pool: pg.Pool;
  readonly hint: Hint;
  readonly catalog: Catalog;
  readonly keyring: Keyring;
  readonly webhookFunctions: WebhookFunctions;
  readonly responseFunctions: ResponseFunctions;
  readonly authenticator: TokenAuthenticator;
  readonly tickets: ResumptionTickets;
  readonly guard: DestinationGuard;
  readonly proxy: OutboundProxy | null;
  /** Name of this server in the table of servers. */
  readonly name: string;
  readonly undo: Undo;
}

/** What takes committed webhooks to agents and public destinations. */
export interface Delivery {
  readonly dispatcher: Dispatcher;
  readonly hub: Hub;
  readonly publicOutputs: PublicOutputs;
  readonly waits: ResponseWaits;
  /** Begins to claim and to deliver; when it rejects, nothing was taken. */
  start(): Promise<void>;
}

/** Puts the delivery side together: the lease on deliveries, who hands them out, and what is written of their ends. */
export function openDelivery(sources: DeliverySources): Delivery {
  const { config, logger, metrics, database, pool, hint, catalog, keyring, responseFunctions, undo } = sources;
  const completionPool = createPool({
    ...database,
    max: 1,
    name: "completions",
    settings: COMPLETION_SETTINGS,
    onLost: () => dispatcher.reconcile(),
  });
  undo.push(() => completionPool.end());
  const lease: ServerLease = new ServerLease({
    pool,
    hint,
    logger,
    name: sources.name,
    leaseMs: config.leaseMs,
    onLost: () => {
      dispatcher.abandon();
      hub.dropAll("The server lost its lease.");
    },
  });
  const observer = {
    completed: (_count: number, seconds: number) => metrics.completed(seconds),
    failed: (error: unknown) => {
      logger.warn({ err: error }, "delivery.completion-failed");
      dispatcher.reconcile();
    },
  };
  const waits = new ResponseWaits(config.maxWaitingSenders);
  const remoteAnswers = new RemoteAnswers({ pool, hint, sealer: keyring, waits, logger });
  const senderAnswers = new SenderAnswers({ catalog, waits, remote: remoteAnswers, now: Date.now });
  const ends = new DeliveryEnds({
    completions: new BatchedWrites({ write: (rows) => completeDeliveries(completionPool, lease.id, rows), observer }),
    reschedulings: new BatchedWrites({ write: (rows) => rescheduleDeliveries(pool, lease.id, rows), observer }),
    outputOf: ({ outputId }) => catalog.output(outputId),
    onOver: (delivery, end) => {
      senderAnswers.over(delivery, end.answer);
      responseFunctions.over(delivery, end, statusName(end.status));
    },
    now: Date.now,
    random: Math.random,
  });
  const attemptPool = createPool({ ...database, max: 1, name: "attempts", settings: ATTEMPT_SETTINGS });
  undo.push(() => attemptPool.end());
  const attempts = new AttemptRecorder({
    pool: attemptPool,
    holder: () => lease.id,
    onError: (error) => logger.warn({ err: error }, "delivery.attempts-not-recorded"),
  });
  undo.push(() => attempts.stop());
  const knownAgents = new KnownAgents({ pool, hint, logger, resumeWindowMs: config.resumeWindowMs });
  const dispatcher: Dispatcher = new Dispatcher({
    pool,
    sealer: keyring,
    hint,
    ends,
    preparation: new Preparation({ catalog, functions: sources.webhookFunctions }),
    knownAgents,
    wantsAnswer: (inputId, output, receivedAtMs) =>
      wantsAnswer(catalog.input(inputId)?.input, output, { receivedAtMs, now: Date.now() }),
    logger,
    holder: () => lease.id,
    resumeRate: config.resumeRate,
    resumeWindowMs: config.resumeWindowMs,
    idsInHand: () => [...hub.idsInFlight(), ...publicOutputs.idsInFlight()],
  });
  const hub: Hub = new Hub({
    pool,
    catalog,
    sealer: keyring,
    hint,
    dispatcher,
    attempts,
    authenticator: sources.authenticator,
    tickets: sources.tickets,
    logger,
    serverId: () => lease.id,
    serverVersion: SERVER_VERSION,
    heartbeatMs: config.heartbeatMs,
    resumeWindowMs: config.resumeWindowMs,
    maxAgents: config.maxAgents,
    maxGreetings: config.maxGreetings,
    observer: {
      delivered: (outcome, seconds) => metrics.delivered(outcome, seconds),
      admitted: () => metrics.session("admitted"),
      refused: (reason) => metrics.session(`refused ${reason}`),
    },
  });
  const destinations = createPublicDestinations({
    guard: sources.guard,
    proxy: sources.proxy,
    concurrency: PUBLIC_CONCURRENCY,
    now: () => performance.now(),
    wallClock: Date.now,
  });
  undo.push(() => destinations.close());
  const publicOutputs: PublicOutputs = new PublicOutputs({
    pool,
    catalog,
    dispatcher,
    sealer: keyring,
    call: callPublicOutput(destinations, catalog),
    logger,
    serverId: () => lease.id,
    onAttempt: (delivered, seconds) =>
      metrics.delivered(delivered ? Outcome.OUTCOME_DELIVERED : Outcome.OUTCOME_FAILED, seconds),
    onGone: (outputId) => destinations.forget(outputId),
  });
  return {
    dispatcher,
    hub,
    publicOutputs,
    waits,
    start: async () => {
      await lease.start();
      await knownAgents.refresh();
      undo.push(() => lease.stop());
      knownAgents.start();
      undo.push(() => knownAgents.stop());
      const dueSweep = new DueSweep({ pool, hint, logger, onWork: (outputIds) => dispatcher.backlog(outputIds) });
      dueSweep.start();
      undo.push(() => dueSweep.stop());
      dispatcher.start();
      undo.push(async () => {
        await dispatcher.stop();
        await ends.drain();
      });
      remoteAnswers.start();
      undo.push(() => remoteAnswers.stop());
      hub.start();
      publicOutputs.start();
    },
  };
}
