import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { GuessLimit } from "../auth/guess-limit.js";
import type { SecretVerifier } from "../auth/secret-verifier.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Bucket } from "../catalog/model.js";
import type { Keyring } from "../crypto/keyring.js";
import type { FunctionResponse } from "../functions/function-result.js";
import { idText, newId } from "../ids.js";
import { responsePolicy } from "../responses/response-policy.js";
import type { ResponseWaits } from "../responses/response-waits.js";
import type { WebhookWriter } from "../store/webhook-writer.js";
import { InputVerifications } from "../verification/input-verifications.js";
import type { Refusal } from "../verification/verification.js";
import type { FunctionVerdict } from "../webhook-functions/function-verdict.js";
import { hasFunction } from "../webhook-functions/has-function.js";
import type { WebhookFunctions } from "../webhook-functions/webhook-functions.js";
import { encodeWebhookRequest } from "../wire/encode-webhook-request.js";
import { answerAsConfigured } from "./answer-as-configured.js";
import { answerAsMade } from "./answer-as-made.js";
import { authorize, type Limited } from "./authorize.js";
import { awaitDestination, type DestinationWait, type WaitOutcome } from "./await-destination.js";
import { BodyReader } from "./body-reader.js";
import type { ClientAddress } from "./client-address.js";
import { INGRESS_PATH, parseTarget, type Target } from "./parse-target.js";
import type { RateLimiter } from "./rate-limiter.js";
import { refuseUnread, type UnreadRefusal } from "./refuse-unread.js";
import { UnfinishedBodies } from "./unfinished-bodies.js";
import { UnverifiedLog } from "./unverified-log.js";

const RETRY_SECONDS = 1;

const NOTHING = Buffer.alloc(0);

export interface IngressOptions {
  readonly catalog: Catalog;
  readonly keyring: Keyring;
  readonly writer: WebhookWriter;
  readonly verifier: SecretVerifier;
  readonly guesses: GuessLimit;
  readonly limiter: RateLimiter;
  readonly clientAddress: ClientAddress;
  readonly logger: Logger;
  /** Address of the server as senders know it, without a slash at its end. */
  readonly publicUrl: () => string;
  readonly maxBodyBytes: number;
  readonly maxLargeBodyBytes: number;
  /** Bytes of webhooks that may be in memory on their way to the database. */
  readonly memoryBytes: number;
  /** True when no data key may be used: then everybody gets the same answer. */
  readonly locked: () => boolean;
  /** True when ephemeral webhooks fill the memory they may have. */
  readonly ephemeralFull: () => boolean;
  /** Resolves when delivery has room again; undefined when it has. */
  readonly gate: (bucket: Bucket) => Promise<void> | undefined;
  readonly functions: Pick<WebhookFunctions, "run">;
  /** Senders that wait for a destination. */
  readonly waits: ResponseWaits;
  readonly observer: IngressObserver;
}

export interface IngressObserver {
  received(bytes: number, seconds: number): void;
  refused(status: number): void;
  unverified(reason: Refusal): void;
  waited(outcome: WaitOutcome, seconds: number): void;
}

/**
 * The public endpoint. It stands before fastify's router, because a router decodes paths, refuses bodies on some methods
 * and methods it does not know, while a webhook must arrive as it was sent.
 *
 * Answers only after the commit. Known and unknown inputs take the same way: same limits, same reading, same sealing,
 * same wait for a commit, same answer. An input that verifies its senders tells those who cannot sign that it is there.
 */
export class Ingress {
  readonly #options: IngressOptions;
  readonly #unfinished: UnfinishedBodies;
  readonly #verifications = new InputVerifications();
  readonly #unverifiedLog: UnverifiedLog;
  /** Bytes held for bodies that are read or not yet answered. */
  #memory = 0;
  #draining = false;
  #active = 0;
  #idle: (() => void)[] = [];

  constructor(options: IngressOptions) {
    this.#options = options;
    this.#unfinished = new UnfinishedBodies({ maxBytes: options.memoryBytes / 2 });
    this.#unverifiedLog = new UnverifiedLog(options.logger);
  }

  /** Requests read whole and not yet answered. */
  get active(): number {
    return this.#active;
  }

  /** From now on 503, while what was read whole is finished. */
  async drain(): Promise<void> {
    this.#draining = true;
    if (this.#active > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  receive(request: IncomingMessage, response: ServerResponse): void {
    const started = performance.now();
    const options = this.#options;
    const target = parseTarget(request.url ?? "", options.catalog);
    const limit = target.known?.bucket.largeWebhooks ? options.maxLargeBodyBytes : options.maxBodyBytes;
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > limit) {
      this.#tooLarge(request, response, limit);
      return;
    }
    if (this.#draining || options.locked() || this.#memory + announced > options.memoryBytes) {
      this.#overloaded(request, response);
      return;
    }
    const { known } = target;
    if (known !== undefined && responsePolicy(known.input) !== undefined && options.waits.full(known.bucket.id)) {
      this.#overloaded(request, response);
      return;
    }
    const wait = options.limiter.take(
      target.known?.bucket.id ?? options.limiter.strangerSubject(target.inputId),
      started,
    );
    if (wait > 0) {
      this.#refuse(request, response, {
        status: 429,
        text: "Too many webhooks for this bucket.",
        retryAfterSeconds: wait,
      });
      return;
    }

    const reader = new BodyReader({
      request,
      limit,
      announced,
      reserve: this.#reserve,
      unfinished: this.#unfinished,
      startedMs: started,
    });
    let taken = false;
    let done = false;
    const release = () => {
      if (done) return;
      done = true;
      this.#memory -= reader.held;
      if (!taken) return;
      this.#active -= 1;
      if (this.#active === 0) for (const resolve of this.#idle.splice(0)) resolve();
    };
    reader.read((outcome) => {
      switch (outcome.kind) {
        case "complete":
          if (this.#draining) {
            this.#overloaded(request, response);
            break;
          }
          taken = true;
          this.#active += 1;
          this.#take({
            request,
            response,
            target,
            body: outcome.body,
            bodyBytes: outcome.body.length,
            started,
            release,
          });
          return;
        case "too-large":
          this.#tooLarge(request, response, limit);
          break;
        case "no-memory":
          this.#overloaded(request, response);
          break;
        case "too-slow":
          this.#refuse(request, response, { status: 408, text: "The body came too slowly.", retryAfterSeconds: 0 });
          break;
        case "aborted":
          break;
      }
      release();
    });
  }

  readonly #reserve = (bytes: number): boolean => {
    this.#memory += bytes;
    return this.#memory <= this.#options.memoryBytes;
  };

  #take(taken: Taken): void {
    const { bucket } = taken.target.known ?? {};
    if (bucket !== undefined && bucket.auth.type !== "none") {
      const { verifier, guesses, clientAddress } = this.#options;
      const verdict = authorize({
        verifier,
        guesses,
        bucket,
        authorization: taken.request.headers.authorization,
        address: clientAddress(taken.request),
        now: Date.now,
      });
      if (verdict instanceof Promise) {
        this.#later(
          taken,
          verdict.then((late) => (late === "ok" ? this.#verify(taken) : this.#unauthorized(taken, late))),
        );
        return;
      }
      if (verdict !== "ok") {
        this.#unauthorized(taken, verdict);
        return;
      }
    }
    this.#verify(taken);
  }

  /**
   * Asks for the signature of the input's sender. Wrong ones are not limited as guesses are: a sender that still has an old
   * secret must not keep out another one behind the same address.
   */
  #verify(taken: Taken): void {
    const { inputId, path, query, hasQuery, known } = taken.target;
    const verify = known === undefined ? undefined : this.#verifications.of(known.input);
    if (known === undefined || verify === undefined) {
      this.#admit(taken);
      return;
    }
    const { rawHeaders } = taken.request;
    const inputUrl = `${this.#options.publicUrl()}${INGRESS_PATH}${inputId}`;
    const suffix = hasQuery ? `${path}?${query}` : path;
    const nowMs = Date.now();
    const verdict = verify({ rawHeaders, body: taken.body, inputUrl, suffix }, nowMs);
    if (verdict.ok) {
      this.#admit(taken);
      return;
    }
    this.#unverifiedLog.note(known.input, verdict.reason, nowMs);
    this.#options.observer.unverified(verdict.reason);
    this.#refuseSender(taken, "Signature");
  }

  /** Authenticated: waits for a place and for the bucket's key where it must. */
  #admit(taken: Taken): void {
    const { bucket } = taken.target.known ?? {};
    if (bucket === undefined) {
      this.#commit(taken);
      return;
    }
    const { keyring, gate } = this.#options;
    const gated = gate(bucket);
    if (gated !== undefined) {
      const admitted = gated.then(() => this.#whenKeyed(taken, bucket));
      this.#later(taken, admitted);
      return;
    }
    if (bucket.ephemeral || keyring.has(bucket.id)) {
      this.#commit(taken);
      return;
    }
    this.#later(taken, this.#whenKeyed(taken, bucket));
  }

  async #whenKeyed(taken: Taken, bucket: Bucket): Promise<void> {
    if (!bucket.ephemeral) await this.#options.keyring.load(bucket.id);
    this.#commit(taken);
  }

  #later(taken: Taken, work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#options.logger.warn({ err: error }, "ingress.failed");
      this.#unavailable(taken);
    });
  }

  #commit(taken: Taken): void {
    const { target, request, body } = taken;
    const { ephemeralFull } = this.#options;
    const known = target.known;
    if (known?.bucket.ephemeral === true && ephemeralFull()) {
      this.#unavailable(taken);
      return;
    }
    const receivedAtMs = Date.now();
    const id = newId(receivedAtMs);
    const encoded = encodeWebhookRequest({
      method: request.method ?? "",
      path: target.path,
      query: target.query,
      hasQuery: target.hasQuery,
      rawHeaders: request.rawHeaders,
      body,
      remoteAddress: this.#options.clientAddress(request),
    });
    // The commit takes a while, and what it needs is a copy.
    taken.body = NOTHING;
    const webhook = { id, receivedAtMs, request: encoded };
    if (known === undefined || !hasFunction(known.input)) {
      this.#write(taken, webhook);
      return;
    }
    const { input, bucket } = known;
    const run = this.#options.functions.run({
      webhookId: idText(id),
      bucket,
      input,
      output: undefined,
      deliveryId: undefined,
      request: encoded,
    });
    this.#later(
      taken,
      run.then((verdict) => this.#writeJudged(taken, webhook, verdict)),
    );
  }

  /** What a function stopped, or failed on, is kept as it came and delivered nowhere, until somebody sends it again. */
  #writeJudged(taken: Taken, webhook: Encoded, verdict: FunctionVerdict): void {
    switch (verdict.kind) {
      case "passed":
        this.#write(taken, { ...webhook, request: verdict.request, response: verdict.response });
        return;
      case "stopped":
        this.#write(taken, { ...webhook, response: verdict.response, halted: "the input's function stopped it" });
        return;
      case "failed":
        if (verdict.reason === "busy") this.#unavailable(taken);
        else this.#write(taken, { ...webhook, halted: verdict.text });
    }
  }

  #write(taken: Taken, { id, receivedAtMs, request: encoded, response: made, halted }: Encoded): void {
    const { target, response, bodyBytes, started, release } = taken;
    const { writer, keyring, observer } = this.#options;
    const known = target.known;
    let keyVersion = 0;
    let sealed: Buffer | undefined;
    if (known === undefined) {
      sealed = keyring.sealDecoy(id, encoded);
    } else if (!known.bucket.ephemeral) {
      const result = keyring.seal(known.bucket.id, id, encoded);
      keyVersion = result.keyVersion;
      sealed = result.bytes;
    }
    const webhookId = idText(id);
    const wait = made === undefined && halted === undefined ? this.#await(taken, webhookId) : undefined;
    writer.add({
      idText: webhookId,
      bucket: known?.bucket,
      inputId: target.inputId,
      receivedAtMs,
      request: encoded,
      keyVersion,
      sealed,
      ...(halted === undefined ? {} : { halted }),
      settled: (error, planned) => {
        if (error !== undefined) {
          wait?.failed();
          this.#unavailable(taken);
          return;
        }
        if (wait !== undefined) wait.committed(planned);
        else if (made === undefined) answerAsConfigured(response, known?.input);
        else answerAsMade(response, made);
        release();
        observer.received(bodyBytes, (performance.now() - started) / 1000);
      },
    });
  }

  /** Undefined when the sender is answered at once. */
  #await({ target, response }: Taken, webhookId: string): DestinationWait | undefined {
    const policy = target.known === undefined ? undefined : responsePolicy(target.known.input);
    if (target.known === undefined || policy === undefined) return undefined;
    const { waits, observer } = this.#options;
    const onEnd = (outcome: WaitOutcome, seconds: number) => observer.waited(outcome, seconds);
    return awaitDestination(response, { ...target.known, webhookId, policy, waits, onEnd });
  }

  #unauthorized(taken: Taken, verdict: "wrong" | "busy" | Limited): void {
    if (verdict === "busy") {
      this.#unavailable(taken);
      return;
    }
    if (verdict !== "wrong") {
      this.#options.observer.refused(429);
      taken.response
        .writeHead(429, { "retry-after": String(verdict.retryAfterSeconds), "content-type": "text/plain" })
        .end("Too many wrong credentials from your address.\n");
      taken.release();
      return;
    }
    const basic = taken.target.known?.bucket.auth.type === "basic";
    this.#refuseSender(taken, basic ? 'Basic realm="webhooks"' : "Bearer");
  }

  /** `scheme`: what would be let in; RFC 9110 section 11.6.1 wants it said. */
  #refuseSender(taken: Taken, scheme: string): void {
    this.#options.observer.refused(401);
    taken.response.writeHead(401, { "www-authenticate": scheme, "content-type": "text/plain" }).end("Unauthorized\n");
    taken.release();
  }

  #unavailable(taken: Taken): void {
    this.#options.observer.refused(503);
    if (!taken.response.headersSent) {
      taken.response
        .writeHead(503, { "retry-after": String(RETRY_SECONDS), "content-type": "text/plain" })
        .end("The webhook was not taken: try again.\n");
    }
    taken.release();
  }

  #tooLarge(request: IncomingMessage, response: ServerResponse, limit: number): void {
    this.#refuse(request, response, {
      status: 413,
      text: `The body is larger than ${limit} bytes.`,
      retryAfterSeconds: 0,
    });
  }

  #overloaded(request: IncomingMessage, response: ServerResponse): void {
    this.#refuse(request, response, { status: 503, text: "The server is busy.", retryAfterSeconds: RETRY_SECONDS });
  }

  #refuse(request: IncomingMessage, response: ServerResponse, refusal: UnreadRefusal): void {
    this.#options.observer.refused(refusal.status);
    refuseUnread(request, response, refusal);
  }
}

interface Taken {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
  body: Buffer;
  readonly bodyBytes: number;
  readonly started: number;
  readonly release: () => void;
}

/** A webhook about to be written. */
interface Encoded {
  readonly id: Uint8Array;
  readonly receivedAtMs: number;
  /** An encoded `WebhookRequest`. */
  readonly request: Uint8Array;
  /** What the input's function answers. */
  readonly response?: FunctionResponse | undefined;
  /** Why it goes no further. */
  readonly halted?: string;
}
