import { randomBytes, randomUUID } from "node:crypto";
import fastify, { type FastifyInstance, type InjectOptions } from "fastify";
import { pino } from "pino";
import { adminLimits } from "../src/admin/admin-limits.js";
import { registerAdmin } from "../src/admin/admin-routes.js";
import { hashSecret } from "../src/auth/secret-hash.js";
import { SecretVerifier } from "../src/auth/secret-verifier.js";
import { TokenAuthenticator } from "../src/auth/token-authenticator.js";
import { Catalog } from "../src/catalog/catalog.js";
import type { Token } from "../src/catalog/model.js";
import { fileKeyEncryption } from "../src/crypto/file-key-encryption.js";
import { parseKeyFile } from "../src/crypto/key-file.js";
import { Keyring } from "../src/crypto/keyring.js";
import { settingSealer } from "../src/crypto/setting-sealer.js";
import { allowedDestinations } from "../src/destination/guard/allowed-destinations.js";
import { createDestinationGuard } from "../src/destination/guard/destination-guard.js";
import { ExecutionRecorder } from "../src/executions/execution-recorder.js";
import { FunctionRunner } from "../src/functions/function-runner.js";
import type { Hint } from "../src/hint/hint.js";
import { PostgresHint } from "../src/hint/postgres-hint.js";
import { idBytes, idText, newId } from "../src/ids.js";
import { PullWaiters } from "../src/pull/pull-waiters.js";
import { ResendRunner } from "../src/resend/resend-runner.js";
import { changeCatalog } from "../src/store/catalog-version.js";
import { ensurePartitions } from "../src/store/partitions.js";
import { insertToken } from "../src/store/tokens.js";
import { Ack, WebhookRequest } from "../src/wire/generated/relay.js";
import { encodeHeaderBlock } from "../src/wire/header-block.js";
import { type TestDatabase, withTestDatabase } from "./support/test-postgres.js";

/** Low, so that tests are quick; what is measured elsewhere is that all checks cost the same. */
const TEST_BCRYPT_COST = 4;

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Record<string, unknown>;
  /** Parsed when it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the API answers
  readonly json: any;
}

export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

/** The admin API of one server on a database. Several may share one. */
export async function bootAdminOn(
  database: TestDatabase,
  { deaf = false, requestLimit }: { deaf?: boolean; requestLimit?: { burst: number; perSecond: number } } = {},
) {
  const { pool } = database;
  const logged: string[] = [];
  const logger = pino({ level: "debug" }, { write: (line: string) => void logged.push(line) });
  const hint = new PostgresHint({ url: database.url, logger });
  // A deaf server misses every hint of the others.
  if (!deaf) await hint.start();
  const sealer = settingSealer(Buffer.alloc(32, 2));
  const catalog = new Catalog({ pool, hint, settingSealer: sealer, logger });
  await catalog.start();
  const keyFile = parseKeyFile(`test:${Buffer.alloc(32, 1).toString("base64")}\n`, "key file of the test");
  const keyEncryption = fileKeyEncryption(keyFile);
  const keyring = new Keyring({ pool, keyEncryption, now: Date.now, onError: () => undefined });
  const functions = new FunctionRunner({ workers: 1 });
  const executions = new ExecutionRecorder({
    pool,
    sealer: keyring,
    settingSealer: sealer,
    loadBucketKeys: (bucketId) => keyring.load(bucketId),
    now: Date.now,
    observer: {
      dropped: () => undefined,
      failed: (error) => logger.warn({ err: error }, "executions.not-recorded"),
    },
  });
  const verifier = new SecretVerifier({ cost: TEST_BCRYPT_COST });
  const authenticator = new TokenAuthenticator({ catalog, verifier, pool, logger });
  const published: { topic: string; subjects: readonly string[] }[] = [];
  const recordingHint: Hint = {
    publish(topic, subjects) {
      published.push({ topic, subjects });
      hint.publish(topic, subjects);
    },
    subscribe: (topic, listener) => hint.subscribe(topic, listener),
    close: () => hint.close(),
  };
  const pullWaiters = new PullWaiters({ pool, hint: recordingHint, logger, clock: Date.now });
  const runnerOptions = { pool, catalog, hint: recordingHint, logger, leaseMs: 10_000, clock: Date.now };
  const resends = new ResendRunner(runnerOptions);
  resends.start();
  const app: FastifyInstance = fastify({ routerOptions: { maxParamLength: 1000 } });
  registerAdmin(app, {
    pool,
    catalog,
    hint: recordingHint,
    sealer: keyring,
    settingSealer: sealer,
    functions,
    executions,
    authenticator,
    fingerprintKey: keyFile.deriveKey("relay manifest fingerprints"),
    secretVerifier: verifier,
    destinationRefusal: createDestinationGuard({ allowed: allowedDestinations([]) }).refusal,
    createBucketKeys: (client, bucketIds) => keyring.createFirstKeys(client, bucketIds),
    loadBucketKeys: (bucketId) => keyring.load(bucketId),
    forgetBucketKeys: (bucketId) => keyring.forget(bucketId),
    publicUrl: "http://relay.test",
    version: "0.0.0-test",
    logger,
    clock: Date.now,
    bcryptCost: TEST_BCRYPT_COST,
    limits: adminLimits(requestLimit),
    pullPool: pool,
    pullWaiters,
    resends,
  });
  await app.ready();

  async function call(
    credentials: Credentials | undefined,
    method: NonNullable<InjectOptions["method"]>,
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const authorization =
      credentials === undefined
        ? {}
        : { authorization: `Basic ${Buffer.from(`${credentials.key}:${credentials.secret}`).toString("base64")}` };
    const payload = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const response = await app.inject({
      method,
      url,
      headers: { ...authorization, ...headers },
      ...(payload === undefined ? {} : { payload }),
    });
    const isJson = String(response.headers["content-type"]).startsWith("application/json");
    return {
      status: response.statusCode,
      text: response.body,
      headers: response.headers,
      json: isJson ? JSON.parse(response.body) : undefined,
    };
  }

  return {
    ...database,
    app,
    catalog,
    keyring,
    published,
    logged,
    call,
    /** Writes a token past the API. */
    async token(fields: Partial<Token> = {}): Promise<Credentials> {
      const key = randomUUID();
      const secret = randomBytes(32).toString("base64url");
      const hash = await hashSecret(secret, TEST_BCRYPT_COST);
      await changeCatalog(pool, (client) =>
        insertToken(client, key, hash, {
          name: null,
          description: "",
          active: true,
          apiAccess: true,
          scopeBuckets: [],
          scopeTunnels: [],
          expiresAt: 0,
          ...fields,
        }),
      );
      await catalog.refresh();
      return { key, secret };
    },
    async stop(): Promise<void> {
      pullWaiters.stop();
      await app.close();
      await resends.stop();
      await executions.stop();
      await functions.stop();
      await catalog.stop();
      await hint.close();
    },
  };
}

export type AdminApi = Awaited<ReturnType<typeof bootAdminOn>>;

/** A fresh database with one admin API on it. */
export async function bootAdmin(options: { requestLimit?: { burst: number; perSecond: number } } = {}) {
  const database = await withTestDatabase();
  await ensurePartitions(database.pool, Date.now());
  const api = await bootAdminOn(database, options);
  return {
    ...api,
    async close(): Promise<void> {
      await api.stop();
      await database.close();
    },
  };
}

export interface SampleWebhook {
  readonly bucketId: string;
  readonly inputId?: string;
  readonly outputId?: string | null;
  readonly body?: Uint8Array;
  readonly headers?: readonly string[];
  readonly query?: string;
  readonly path?: string;
  readonly receivedAt?: number;
  readonly ephemeral?: boolean;
  readonly agentId?: number;
  /** Absent: unfinished and waiting. */
  readonly outcome?: { status: number; statusCode?: number; error?: string; body?: string; attempt?: number };
}

/** Writes a webhook with one delivery as ingest and the agent link do; returns the ids. */
export async function writeWebhook(api: AdminApi, sample: SampleWebhook): Promise<{ id: string; webhookId: string }> {
  const webhookId = idAt(sample.receivedAt);
  const id = idAt(sample.receivedAt);
  await api.keyring.load(sample.bucketId);
  const request = WebhookRequest.encode({
    method: "POST",
    path: sample.path ?? "",
    query: sample.query ?? "",
    hasQuery: sample.query !== undefined,
    headers: encodeHeaderBlock(sample.headers ?? []),
    body: sample.body ?? Buffer.from("{}"),
    remoteAddress: "192.0.2.1",
  }).finish();
  const sealed = sample.ephemeral ? undefined : api.keyring.seal(sample.bucketId, webhookId, request);
  await api.pool.query(
    "INSERT INTO webhooks (id, bucket_id, input_id, key_version, sealed) VALUES ($1, $2, $3, $4, $5)",
    [
      idText(webhookId),
      sample.bucketId,
      sample.inputId ?? randomUUID(),
      sealed?.keyVersion ?? 0,
      sealed?.bytes ?? null,
    ],
  );
  const row = [idText(id), idText(webhookId), sample.bucketId, sample.outputId ?? null, sample.agentId ?? 0];
  if (sample.outcome === undefined) {
    await api.pool.query(
      "INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, agent_id, size) VALUES ($1, $2, $3, $4, $5, 1)",
      row,
    );
  } else {
    const { status, statusCode = 0, error = "", body = "", attempt = 1 } = sample.outcome;
    const ack = Ack.encode({
      sequence: 1,
      outcome: 2,
      statusCode,
      durationMs: 5,
      tries: 1,
      error,
      response: { headers: encodeHeaderBlock(["X-Answer", "1"]), body: Buffer.from(body), whole: false },
      fromLedger: false,
    }).finish();
    const answer = api.keyring.seal(sample.bucketId, idBytes(idText(id)), ack);
    await api.pool.query(
      `INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, agent_id, status, status_code, attempt, duration_ms, key_version, response)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 5, $9, $10)`,
      [...row, status, statusCode, attempt, answer.keyVersion, answer.bytes],
    );
  }
  return { id: idText(id), webhookId: idText(webhookId) };
}

/** Ids of one process never go back in time, so one of another moment gets its time written over. */
function idAt(unixMs: number | undefined): Buffer {
  const id = newId(Date.now());
  if (unixMs !== undefined) id.writeUIntBE(unixMs, 0, 6);
  return id;
}
