import type { FastifyInstance } from "fastify";
import type { Bucket, Output, Token } from "../catalog/model.js";
import { KeyUnavailableError } from "../crypto/key-unavailable-error.js";
import { RelayError } from "../errors.js";
import { firstIdAt } from "../ids.js";
import { parseGoDuration } from "../pull/go-duration.js";
import { takePage } from "../pull/take-page.js";
import { hasPullable, type PulledWebhook, type PullRequest } from "../store/pull-webhooks.js";
import type { AdminServices } from "./admin-services.js";
import { quoted, requireBucket, requireOutput } from "./find.js";
import { encodeCursor, wholeNumber } from "./log-query.js";
import { logView } from "./log-view.js";
import { tokenOf } from "./request-token.js";

const LIMIT = { fallback: 100, min: 1, max: 100 };
/** Seconds. */
const WAIT = { fallback: 0, min: 0, max: 30 };
const DAY_MS = 86_400_000;

/** Sealed bytes of one answer, which is made in memory; one webhook is always in it. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

interface Query {
  readonly bucket?: string;
  readonly output?: string;
  readonly limit?: string;
  readonly max_age?: string;
  /** Ours: seconds to wait for the first one. */
  readonly wait?: string;
  /** Taken and not used: what was handed out is not handed out again. */
  readonly cursor?: string;
}

interface Page {
  readonly logs: readonly object[];
  readonly lastId: string | undefined;
  /** There may be more: the page ended at a limit. */
  readonly full: boolean;
}

/**
 * GET /v1/events?bucket&output&limit&max_age&wait: hands out what nobody else delivers, oldest first, each webhook once:
 * those of buckets without outputs, and those of internal outputs that no connected agent serves. They are `sent` when the
 * answer leaves; an answer that is lost on its way is not given again.
 */
export function eventRoutes(app: FastifyInstance, services: AdminServices): void {
  const { pullPool, pullWaiters, clock } = services;

  app.get<{ Querystring: Query }>("/v1/events", async (request, reply) => {
    const { query } = request;
    const source = sourceOf(bucketOf(services, tokenOf(request), query.bucket), query.output);
    const limit = wholeNumber("limit", query.limit, LIMIT);
    const waitMs = wholeNumber("wait", query.wait, WAIT) * 1_000;
    const ageMs = maxAge(query.max_age);
    const gone = new AbortController();
    // Who hung up while the token was checked is gone already: the event is over.
    if (reply.raw.destroyed) gone.abort();
    else reply.raw.once("close", () => gone.abort());

    const interest = { bucketId: source.unrouted ? source.bucketId : undefined, outputIds: source.outputIds };
    const deadline = clock() + waitMs;
    if (waitMs > 0) pullWaiters.announce(interest);
    for (;;) {
      const wanted = { ...source, fromId: firstIdAt(clock() - ageMs), limit, maxBytes: MAX_PAGE_BYTES };
      const page = await take(services, wanted, gone.signal);
      const left = deadline - clock();
      if (page.logs.length > 0 || left <= 0) return answer(wanted, page, query.cursor);
      if (!pullWaiters.hasRoom) {
        throw new RelayError(
          "rate-limited",
          "Too many wait for webhooks on this server. Ask without `wait`, or later.",
          {
            retryAfterSeconds: 5,
          },
        );
      }
      if ((await pullWaiters.wait(interest, left, gone.signal)) !== "woken") return answer(wanted, page, query.cursor);
    }
  });

  async function answer(wanted: PullRequest, { logs, lastId, full }: Page, cursor = ""): Promise<object> {
    // Said when it is not sure: the webhooks of this page are out already, a failure must not cost them.
    const more = full && (await hasPullable(pullPool, wanted).catch(() => true));
    if (more) for (const subject of [wanted.bucketId, ...wanted.outputIds]) pullWaiters.wake(subject);
    return { logs, has_more: more, next_cursor: lastId === undefined ? cursor : encodeCursor(lastId) };
  }
}

function bucketOf({ catalog }: AdminServices, token: Token, reference = ""): Bucket {
  if (reference === "") {
    throw new RelayError("invalid", "bucket: is required; the id or name of the bucket to pull from");
  }
  const bucket = requireBucket(catalog, token, reference);
  if (!bucket.ephemeral) return bucket;
  throw new RelayError(
    "precondition",
    `The bucket ${quoted(bucket.name)} is ephemeral: its webhooks are never stored, so there is nothing to pull.`,
  );
}

/** Takes one page; what cannot be opened now stays. */
async function take(services: AdminServices, wanted: PullRequest, gone: AbortSignal): Promise<Page> {
  const nothing: Page = { logs: [], lastId: undefined, full: false };
  const made = async (rows: readonly PulledWebhook[]): Promise<Page> => {
    const bytes = rows.reduce((sum, { size }) => sum + size, 0);
    return {
      logs: await Promise.all(rows.map((row) => view(services, row))),
      lastId: rows.at(-1)?.id,
      full: rows.length === wanted.limit || bytes >= wanted.maxBytes,
    };
  };
  try {
    return (await takePage(services.pullPool, wanted, { answer: made, gone })) ?? nothing;
  } catch (error) {
    if (!(error instanceof KeyUnavailableError)) throw error;
    throw new RelayError(
      "unavailable",
      "The webhooks cannot be opened at the moment: the key-encryption key cannot be used. They stay; the server's log says why.",
      { retryAfterSeconds: 5, cause: error },
    );
  }
}

function view({ catalog, sealer, logger }: AdminServices, row: PulledWebhook): Promise<object> {
  const { webhookId: id, bucketId, inputId, webhookKeyVersion: keyVersion, sealed, size } = row;
  const webhook =
    inputId === null || keyVersion === null ? undefined : { id, bucketId, inputId, keyVersion, sealed, size };
  return logView(row, webhook, { catalog, sealer, logger, withBody: true, orReject: true });
}

/** What of the bucket is asked for. */
function sourceOf(bucket: Bucket, reference = ""): Pick<PullRequest, "bucketId" | "unrouted" | "outputIds"> {
  if (reference === "") {
    const outputIds = bucket.outputs.filter((output) => refusalOf(output) === undefined).map(({ id }) => id);
    return { bucketId: bucket.id, unrouted: true, outputIds };
  }
  const output = requireOutput(bucket, reference);
  const refusal = refusalOf(output);
  if (refusal !== undefined) {
    throw new RelayError("precondition", `The output ${quoted(output.name)} ${refusal}`);
  }
  return { bucketId: bucket.id, unrouted: false, outputIds: [output.id] };
}

/** Why an output's webhooks cannot ever be pulled. */
function refusalOf({ internal, agents }: Output): string | undefined {
  if (!internal) return "is public: the server delivers its webhooks. Pull from an internal output.";
  if (agents === "each") {
    return "delivers to each agent by its name, so nothing of it is anybody's. Pull from one with agents: one.";
  }
  return undefined;
}

function maxAge(text = ""): number {
  const ms = text === "" ? DAY_MS : parseGoDuration(String(text));
  if (ms === undefined) throw new RelayError("invalid", "max_age: is not a duration; for example 24h or 1h30m");
  return ms;
}
