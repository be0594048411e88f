import type { KeyManagementServiceClient } from "@google-cloud/kms";
import { credentials } from "@grpc/grpc-js";
import { KeyUnavailableError } from "../key-unavailable-error.js";
import { crc32c } from "./crc32c.js";
import type { KmsEndpoint } from "./kms-endpoint.js";
import { corrupted, type KmsFailureContext, kmsFailure } from "./kms-failure.js";
import { keyOfVersion } from "./kms-key-name.js";
import { retryWhileAway } from "./retry-while-away.js";

/** An attempt that takes longer is lost; a healthy one takes some 10 ms. */
const ATTEMPT_MS = 3_000;
/** All attempts of a call: a sender's request or a transaction waits for it. */
const TOTAL_MS = 8_000;

/** A connection that broke is tried again soon, and a new client has a connection of its own. */
const CHANNEL = {
  "grpc.initial_reconnect_backoff_ms": 250,
  "grpc.max_reconnect_backoff_ms": 5_000,
  "grpc.use_local_subchannel_pool": 1,
};

/** gRPC's code for an attempt that was not answered in time. */
const DEADLINE_EXCEEDED = 4;

/** The two calls of Cloud KMS that the server needs. `context` is their additional authenticated data. */
export interface KmsClient {
  /** `version` is the full name of the key version that was used: the primary one. */
  encrypt(key: string, plaintext: Uint8Array, context: string): Promise<{ version: string; ciphertext: Buffer }>;
  /** The service finds the version by itself. */
  decrypt(key: string, ciphertext: Uint8Array, context: string): Promise<Buffer>;
  close(): Promise<void>;
}

export interface KmsClientOptions {
  /** Undefined: the public one. */
  readonly endpoint: KmsEndpoint | undefined;
  /** The setting that names a key, for errors. */
  readonly settingOf: (key: string) => string;
  readonly observer: { call(operation: "encrypt" | "decrypt", result: "ok" | KeyUnavailableError["kind"]): void };
}

/**
 * Connects to Cloud KMS with application default credentials; without TLS, on this machine, with none. Requests and answers
 * are checked by CRC32C (cloud.google.com/kms/docs/data-integrity-guidelines). Calls reject with `KeyUnavailableError`.
 */
export async function openKmsClient({ endpoint, settingOf, observer }: KmsClientOptions): Promise<KmsClient> {
  let client = await connect(endpoint);
  // A connection can fall silent without an end: after an attempt that was not answered, the next one has a new one.
  let silent = false;
  let renewing: Promise<void> | undefined;
  const renew = async () => {
    const old = client;
    client = await connect(endpoint);
    silent = false;
    // Calls under way on it have ended by then.
    setTimeout(() => void old.close().catch(() => undefined), 2 * ATTEMPT_MS).unref();
  };
  const current = async () => {
    if (silent) {
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      await renewing;
    }
    return client;
  };

  type Attempt<T> = (client: KeyManagementServiceClient, timeout: number) => Promise<T>;
  async function call<T>(context: KmsFailureContext, attempt: Attempt<T>): Promise<T> {
    try {
      const once = async (timeout: number) => {
        const used = await current();
        try {
          return await before(attempt(used, timeout), timeout);
        } catch (error) {
          if (used === client && (error as { code?: unknown }).code === DEADLINE_EXCEEDED) silent = true;
          throw kmsFailure(error, context);
        }
      };
      const result = await retryWhileAway(once, { attemptMs: ATTEMPT_MS, totalMs: TOTAL_MS });
      observer.call(context.operation, "ok");
      return result;
    } catch (error) {
      if (error instanceof KeyUnavailableError) observer.call(context.operation, error.kind);
      throw error;
    }
  }

  return {
    async encrypt(key, plaintext, context) {
      const failure: KmsFailureContext = { operation: "encrypt", key, setting: settingOf(key) };
      const additionalAuthenticatedData = Buffer.from(context);
      return call(failure, async (client, timeout) => {
        const [response] = await client.encrypt(
          {
            name: key,
            plaintext,
            plaintextCrc32c: { value: crc32c(plaintext) },
            additionalAuthenticatedData,
            additionalAuthenticatedDataCrc32c: { value: crc32c(additionalAuthenticatedData) },
          },
          { timeout, retry: { retryCodes: [] } },
        );
        const ciphertext = bytesOf(response.ciphertext);
        const version = response.name ?? "";
        const whole =
          response.verifiedPlaintextCrc32c === true &&
          response.verifiedAdditionalAuthenticatedDataCrc32c === true &&
          matches(ciphertext, response.ciphertextCrc32c) &&
          keyOfVersion(version) === key;
        if (!whole) throw corrupted("encrypt", key, failure.setting);
        return { version, ciphertext };
      });
    },
    async decrypt(key, ciphertext, context) {
      const failure: KmsFailureContext = { operation: "decrypt", key, setting: settingOf(key) };
      const additionalAuthenticatedData = Buffer.from(context);
      return call(failure, async (client, timeout) => {
        const [response] = await client.decrypt(
          {
            name: key,
            ciphertext,
            ciphertextCrc32c: { value: crc32c(ciphertext) },
            additionalAuthenticatedData,
            additionalAuthenticatedDataCrc32c: { value: crc32c(additionalAuthenticatedData) },
          },
          { timeout, retry: { retryCodes: [] } },
        );
        const plaintext = bytesOf(response.plaintext);
        if (!matches(plaintext, response.plaintextCrc32c)) throw corrupted("decrypt", key, failure.setting);
        return plaintext;
      });
    },
    close: () => client.close(),
  };
}

/** Loads the library, which takes half a second and some 30 MB, and finds the credentials. */
async function connect(endpoint: KmsEndpoint | undefined): Promise<KeyManagementServiceClient> {
  const library = await import("@google-cloud/kms");
  const client = new library.KeyManagementServiceClient({
    ...CHANNEL,
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint.host, port: endpoint.port }),
    // The library asks for credentials even where it does not send them.
    ...(endpoint?.tls === false
      ? { sslCreds: credentials.createInsecure(), credentials: { client_email: "none", private_key: "none" } }
      : {}),
  });
  try {
    // First: without credentials the library's own initialisation would end the process with an unhandled rejection.
    await client.auth.getClient();
    await client.initialize();
  } catch (cause) {
    throw new KeyUnavailableError(
      "away",
      `KMS_KEY: no credentials for Cloud KMS: ${String((cause as Error).message)} On Google Cloud use workload identity, elsewhere set GOOGLE_APPLICATION_CREDENTIALS.`,
      { cause },
    );
  }
  return client;
}

/** The library's own deadline does not count the time it takes to get a token. */
function before<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error("no answer"), { code: DEADLINE_EXCEEDED })),
      timeoutMs + 250,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function bytesOf(value: Uint8Array | string | null | undefined): Buffer {
  return typeof value === "string" ? Buffer.from(value, "base64") : Buffer.from(value ?? []);
}

/** A missing checksum does not match. */
function matches(bytes: Buffer, checksum: { value?: unknown } | null | undefined): boolean {
  return checksum?.value !== undefined && checksum.value !== null && Number(String(checksum.value)) === crc32c(bytes);
}
