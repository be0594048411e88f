import { hostname } from "node:os";
import type { Logger } from "pino";
import type { AdminContext } from "./admin/admin-context.js";
import { adminLimits } from "./admin/admin-limits.js";
import { registerAdmin } from "./admin/admin-routes.js";
import { type AdministratorOptions, ensureAdministrator } from "./admin/ensure-administrator.js";
import { followSecretFile } from "./admin/follow-secret-file.js";
import { GuessLimit } from "./auth/guess-limit.js";
import { ResumptionTickets } from "./auth/resumption-ticket.js";
import { SecretVerifier } from "./auth/secret-verifier.js";
import { TokenAuthenticator } from "./auth/token-authenticator.js";
import { Catalog } from "./catalog/catalog.js";
import type { Config } from "./config/load-config.js";
import { CronScheduler } from "./crons/cron-scheduler.js";
import { DuplicateKeys } from "./deduplication/duplicate-keys.js";
import { outputPolicy } from "./delivery/output-policy.js";
import { allowedDestinations } from "./destination/guard/allowed-destinations.js";
import { createDestinationGuard } from "./destination/guard/destination-guard.js";
import { parseOutboundProxy } from "./destination/outbound-proxy.js";
import { ExecutionRecorder } from "./executions/execution-recorder.js";
import { guardedHttp } from "./function-http/guarded-http.js";
import { FunctionRunner } from "./functions/function-runner.js";
import { PostgresHint } from "./hint/postgres-hint.js";
import { clientAddress } from "./ingress/client-address.js";
import { Ingress } from "./ingress/ingress.js";
import { RateLimiter } from "./ingress/rate-limiter.js";
import { startMaintenance } from "./maintenance.js";
import { ManifestDrift } from "./manifest/manifest-drift.js";
import { openDatabase } from "./open-database.js";
import { openDelivery } from "./open-delivery.js";
import { openKeyEncryption } from "./open-key-encryption.js";
import { openKeyring } from "./open-keyring.js";
import { type Listeners, openListeners } from "./open-listeners.js";
import { databaseAddress } from "./postgres/database-address.js";
import { startEmbeddedPostgres } from "./postgres/embedded-postgres.js";
import { PullWaiters } from "./pull/pull-waiters.js";
import { tellWaiters } from "./pull/tell-waiters.js";
import { ResendRunner } from "./resend/resend-runner.js";
import { deliveryCounts } from "./store/delivery-counts.js";
import { WRITER_SETTINGS } from "./store/insert-webhooks.js";
import { createPool } from "./store/pool.js";
import { PULL_SETTINGS } from "./store/pull-webhooks.js";
import { WebhookWriter } from "./store/webhook-writer.js";
import { Metrics } from "./telemetry/metrics.js";
import type { Undo } from "./undo.js";
import { SERVER_VERSION } from "./version.js";
import { ResponseFunctions } from "./webhook-functions/response-functions.js";
import { WebhookFunctions } from "./webhook-functions/webhook-functions.js";

/** Commits in flight at a time: two overlap the flush of one with the work of the other. */
const PARALLEL_COMMITS = 2;

/** Pages that are being pulled at a time: each holds a connection while it is opened. */
const PARALLEL_PULLS = 2;

export interface RunningServer extends Listeners {
  /** Drains and stops everything, in the reverse order of its making. */
  close(): Promise<void>;
}

/**
 * Puts the parts together, in the order in which they need each other; the only place that knows them all. `onLost` is
 * called when the private database is lost for good: the process should end.
 */
export async function startServer(
  config: Config,
  logger: Logger,
  onLost: (error: Error) => void,
): Promise<RunningServer> {
  const undo: Undo = [];
  const unwind = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await start({ config, logger, onLost, undo, unwind });
  } catch (error) {
    await unwind();
    throw error;
  }
}

interface StartOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly onLost: (error: Error) => void;
  readonly undo: Undo;
  readonly unwind: () => Promise<void>;
}

async function start({ config, logger, onLost, undo, unwind }: StartOptions): Promise<RunningServer> {
  let { url, setting } = await databaseAddress(config);
  let name = `${hostname()}:${process.pid}:${Date.now()}`;
  if (url === "") {
    const embedded = await startEmbeddedPostgres({ dataDir: config.dataDir, logger, onLost });
    undo.push(() => embedded.stop());
    url = embedded.url;
    setting = "The private PostgreSQL";
    // One server per data directory: whoever had this name before is gone, and its lease need not run out.
    name = "embedded";
  }
  const database = { url, role: config.databaseRole, logger };
  const pool = createPool({ ...database, max: config.databasePoolSize, name: "main" });
  undo.push(() => pool.end());
  const writerPool = createPool({ ...database, max: PARALLEL_COMMITS, name: "ingest", settings: WRITER_SETTINGS });
  undo.push(() => writerPool.end());
  await openDatabase({ pool, url, setting, migrates: config.migrateOnStart, nowMs: Date.now() });

  const hint = new PostgresHint({ url, logger });
  await hint.start();
  undo.push(() => hint.close());
  const metrics = new Metrics();
  const opened = await openKeyEncryption({ config, pool, logger, metrics });
  undo.push(() => opened.close());
  const { deriveKey, settingSealer } = opened;
  const catalog = new Catalog({ pool, hint, settingSealer, logger });
  await catalog.start();
  undo.push(() => catalog.stop());
  const keys = openKeyring({ keys: opened, pool, catalog, logger });
  undo.push(() => keys.close());
  const { keyring } = keys;
  const destinationGuard = createDestinationGuard({ allowed: allowedDestinations(config.publicDestinationAllow) });
  const outboundProxy = parseOutboundProxy(config.outboundProxy) ?? null;
  const functions = new FunctionRunner({ http: guardedHttp({ guard: destinationGuard, proxy: outboundProxy }) });
  undo.push(() => functions.stop());
  // The first webhook that needs one does not wait for it.
  if (catalog.functions().length > 0) void functions.warm();
  const executions = new ExecutionRecorder({
    pool,
    sealer: keyring,
    settingSealer,
    loadBucketKeys: (bucketId) => keyring.load(bucketId),
    now: Date.now,
    observer: {
      dropped: (count) => metrics.executionsDropped(count),
      failed: (error) => logger.warn({ err: error }, "executions.not-recorded"),
    },
  });
  undo.push(() => executions.stop());
  const responseFunctions = new ResponseFunctions({
    runs: functions,
    catalog,
    recorder: executions,
    logger,
    dropped: (count) => metrics.responseFunctionsDropped(count),
  });
  undo.push(() => responseFunctions.stop());
  // Each door checks secrets on its own, so that a flood of wrong ones at one delays nobody at another. Agents come in
  // storms: two of theirs are checked at a time. Together they fill libuv's pool, when all doors are flooded at once.
  const oneByOne = { cost: config.bcryptCost, running: 1, queuedPerGroup: 64 };
  const ingressVerifier = new SecretVerifier(oneByOne);
  const adminVerifier = new SecretVerifier(oneByOne);
  const agentVerifier = new SecretVerifier({ cost: config.bcryptCost, running: 2 });
  const adminAuthenticator = new TokenAuthenticator({ catalog, verifier: adminVerifier, pool, logger });
  const agentAuthenticator = new TokenAuthenticator({ catalog, verifier: agentVerifier, pool, logger });
  const tickets = new ResumptionTickets({ signingKey: deriveKey("relay resumption tickets"), tokens: catalog });
  const webhookFunctions = new WebhookFunctions({ runs: functions, catalog, recorder: executions });
  const administrator: AdministratorOptions = {
    pool,
    catalog,
    key: config.adminApiKey,
    secret: config.adminApiSecret,
    bcryptCost: config.bcryptCost,
    show: (text) => process.stderr.write(text),
  };
  await ensureAdministrator(administrator);
  if (config.secretFiles.adminApiSecret !== undefined) {
    const following = followSecretFile(config.secretFiles.adminApiSecret, administrator, logger);
    undo.push(() => following.stop());
  }

  const fingerprintKey = deriveKey("relay manifest fingerprints");
  const drift = new ManifestDrift({ catalog, pool, fingerprintKey });
  const delivery = openDelivery({
    config,
    logger,
    metrics,
    database,
    pool,
    hint,
    catalog,
    keyring,
    webhookFunctions,
    responseFunctions,
    authenticator: agentAuthenticator,
    tickets,
    guard: destinationGuard,
    proxy: outboundProxy,
    name,
    undo,
  });
  const { dispatcher, hub, publicOutputs, waits } = delivery;
  const pullPool = createPool({ ...database, max: PARALLEL_PULLS, name: "pull", settings: PULL_SETTINGS });
  undo.push(() => pullPool.end());
  const pullWaiters = new PullWaiters({ pool: pullPool, hint, logger, clock: Date.now });
  undo.push(() => pullWaiters.stop());
  const duplicateKeys = new DuplicateKeys(deriveKey("relay webhook keys"));
  const writer = new WebhookWriter({
    pool: writerPool,
    handover: tellWaiters(dispatcher, pullWaiters),
    parallel: PARALLEL_COMMITS,
    keyOf: (webhook, bucket) => duplicateKeys.of(webhook, bucket),
    observer: {
      batch: (size, seconds) => metrics.batch(size, seconds),
      failed: (size, error) => {
        metrics.batchFailed();
        logger.error({ err: error, size }, "webhooks.commit-failed");
      },
    },
  });
  const limiter = new RateLimiter({ perSecond: config.ingestRate, burst: config.ingestBurst });
  catalog.onChange(() => {
    limiter.keepOnly((id) => catalog.bucket(id) !== undefined);
    keyring.keepOnly((id) => catalog.bucket(id) !== undefined);
    const outputs = new Set(catalog.buckets().flatMap((bucket) => bucket.outputs.map(({ id }) => id)));
    dispatcher.keepOnly((id) => outputs.has(id));
  });
  const sender = clientAddress(config.trustedProxies);
  // Filled in once the port is known: PUBLIC_URL may be left to the listener.
  let publicUrl = config.publicUrl;
  const ingress = new Ingress({
    catalog,
    keyring,
    writer,
    verifier: ingressVerifier,
    guesses: new GuessLimit(),
    limiter,
    clientAddress: sender,
    logger,
    publicUrl: () => publicUrl,
    maxBodyBytes: config.maxBodyBytes,
    maxLargeBodyBytes: config.maxLargeBodyBytes,
    memoryBytes: config.ingestMemoryBytes,
    locked: keys.locked,
    ephemeralFull: () => dispatcher.ephemeralBytes >= config.ephemeralMemoryBytes,
    functions: webhookFunctions,
    waits,
    gate: (bucket) => dispatcher.gate(bucket),
    observer: metrics,
  });
  metrics.observe({
    agents: () => hub.agents,
    agentsOnOldSecret: () => hub.agentsOnOldSecret,
    queued: () => dispatcher.queued(),
    pendingBytes: () => writer.pendingBytes,
    ephemeralBytes: () => dispatcher.ephemeralBytes,
    openCircuits: () => publicOutputs.openCircuits,
    waitingSenders: () => waits.waiting,
    waitingForDatabase: () => pool.waitingCount,
    keysToRewrap: keys.keysToRewrap,
    deliveryCounts: () => deliveryCounts(pool, Date.now()),
    manifestDrift: () => drift.counts(),
  });

  await delivery.start();
  const crons = new CronScheduler({
    pool,
    catalog,
    keyring,
    handover: dispatcher,
    functions: webhookFunctions,
    logger,
    now: Date.now,
    locked: keys.locked,
    ephemeralFull: () => dispatcher.ephemeralBytes >= config.ephemeralMemoryBytes,
  });
  crons.start();
  undo.push(() => crons.stop());
  const maintenance = startMaintenance({
    pool,
    logger,
    retentionDays: config.retentionDays,
    resumeWindowMs: config.resumeWindowMs,
    deadlines: () =>
      catalog.buckets().flatMap(({ outputs }) =>
        outputs.flatMap((output) => {
          const { schedule } = outputPolicy(output);
          return schedule === undefined ? [] : [{ outputId: output.id, deadlineMs: schedule.deadlineMs }];
        }),
      ),
  });
  undo.push(() => maintenance.stop());
  const resends = new ResendRunner({ pool, catalog, hint, logger, leaseMs: config.leaseMs, clock: Date.now });
  resends.start();
  undo.push(() => resends.stop());

  let draining = false;
  const admin: AdminContext = {
    pool,
    catalog,
    hint,
    sealer: keyring,
    settingSealer,
    destinationRefusal: destinationGuard.refusal,
    functions,
    executions,
    authenticator: adminAuthenticator,
    environmentKey: config.adminApiKey,
    limits: adminLimits(),
    bcryptCost: config.bcryptCost,
    pullPool,
    pullWaiters,
    resends,
    fingerprintKey,
    secretVerifier: new SecretVerifier({ cost: config.bcryptCost, running: 1 }),
    createBucketKeys: (client, bucketIds) => keyring.createFirstKeys(client, bucketIds),
    loadBucketKeys: (bucketId) => keyring.load(bucketId),
    forgetBucketKeys: (bucketId) => keyring.forget(bucketId),
    get publicUrl() {
      return publicUrl;
    },
    version: SERVER_VERSION,
    logger,
    clock: Date.now,
  };
  const listeners = await openListeners({
    config,
    logger,
    metrics,
    pool,
    ingress,
    hub,
    clientAddress: sender,
    register: (app) => registerAdmin(app, admin),
    onHttpPort: (port) => {
      publicUrl ||= `http://localhost:${port}`;
    },
    ready: () => !draining,
    notice: keys.notice,
    undo,
  });
  return {
    ...listeners,
    close: async () => {
      draining = true;
      pullWaiters.stop();
      await ingress.drain();
      await crons.stop();
      await writer.drain();
      await Promise.all([hub.drain(config.drainMs), publicOutputs.stop(config.drainMs)]);
      waits.endAll();
      await unwind();
    },
  };
}
