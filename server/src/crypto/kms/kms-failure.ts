import { KeyUnavailableError } from "../key-unavailable-error.js";

export interface KmsFailureContext {
  readonly operation: "encrypt" | "decrypt";
  /** Full name of the key. */
  readonly key: string;
  /** The setting that names the key. */
  readonly setting: string;
}

/** Codes of gRPC, by number. */
const CODE = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unauthenticated: 16,
} as const;

const ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter";

/** Turns what a call to Cloud KMS failed with into an error for people: what, which key, what to do. */
export function kmsFailure(cause: unknown, { operation, key, setting }: KmsFailureContext): KeyUnavailableError {
  if (cause instanceof KeyUnavailableError) return cause;
  const said = saidBy(cause);
  const error = (kind: "away" | "refused" | "damaged", text: string) =>
    new KeyUnavailableError(kind, `${setting}: ${text} Cloud KMS says: ${said}`, { cause });
  switch ((cause as { code?: unknown } | null)?.code) {
    case CODE.permissionDenied:
      return error(
        "refused",
        `Cloud KMS does not let the server ${operation} with ${key}. Grant its service account ${ROLE} on this key, and check that the key exists and that the Cloud KMS API is enabled.`,
      );
    case CODE.notFound:
      return error("refused", `there is no key ${key}. Check project, location, key ring and key in the name.`);
    case CODE.failedPrecondition:
      return error(
        "refused",
        `${key} cannot ${operation}: the version of the key is disabled or destroyed, or it is a key of another purpose. Enable the version again, or restore it while its destruction is only scheduled (gcloud kms keys versions enable / restore); the purpose must be encryption.`,
      );
    case CODE.invalidArgument:
      // A checksum that does not match: the request was damaged on its way.
      if (/crc32c|checksum/i.test(said)) return corrupted(operation, key, setting);
      return operation === "decrypt"
        ? error(
            "damaged",
            `a key of the database does not open with ${key}: its row is damaged, or moved from another row.`,
          )
        : error("refused", `${key} does not encrypt. It must be a symmetric key for encryption.`);
    case CODE.unauthenticated:
      return error(
        "away",
        "Cloud KMS does not accept the server's credentials. Check workload identity, or GOOGLE_APPLICATION_CREDENTIALS.",
      );
    case CODE.resourceExhausted:
      return error("away", `the quota of Cloud KMS for ${key} is used up. Raise it, or wait.`);
    case CODE.deadlineExceeded:
      return error(
        "away",
        `Cloud KMS does not answer in time (${key}). Check the network, and KMS_ENDPOINT if it is set.`,
      );
    default:
      return error("away", `Cloud KMS cannot be reached for ${key}. Check the network, and KMS_ENDPOINT if it is set.`);
  }
}

/** An answer whose checksums do not match; worth trying again. */
export function corrupted(operation: string, key: string, setting: string): KeyUnavailableError {
  return new KeyUnavailableError(
    "away",
    `${setting}: what Cloud KMS was asked to ${operation} with ${key}, or its answer, was damaged on the way (CRC32C does not match).`,
  );
}

/** The service's own words, on one line and bounded. */
function saidBy(cause: unknown): string {
  const { details, message } = (cause ?? {}) as { details?: unknown; message?: unknown };
  const text = typeof details === "string" && details !== "" ? details : String(message ?? cause);
  return text.replace(/\s+/g, " ").trim().slice(0, 300);
}
