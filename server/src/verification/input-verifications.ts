import type { InputBody, Values } from "@relay/provider-schema";
import { compileVerification, type VerificationSettings } from "./compile-verification.js";
import { MISMATCH, type Verify } from "./verification.js";

/** What of an input says how its senders prove who they are. */
export interface VerifiedInput {
  readonly settings: Values;
  /** Opened, by the path of their attribute. */
  readonly secrets: Readonly<Record<string, string>>;
}

const TOLERANCE_SECONDS = 300;

/** The verification of each input, compiled once: inputs are made anew when something of them changes. */
export class InputVerifications {
  readonly #compiled = new WeakMap<VerifiedInput, { readonly verify: Verify | undefined }>();

  /** Undefined when everybody may send. */
  of(input: VerifiedInput): Verify | undefined {
    let compiled = this.#compiled.get(input);
    if (compiled === undefined) {
      compiled = { verify: verificationOf(input) };
      this.#compiled.set(input, compiled);
    }
    return compiled.verify;
  }
}

type Written = NonNullable<InputBody["verification"]>;

function verificationOf({ settings, secrets }: VerifiedInput): Verify | undefined {
  const written = (settings.verification ?? {}) as Written;
  if ((written.type ?? "none") === "none") return undefined;
  const compiled = settingsOf(written);
  // Written by a newer server: what this one cannot check it does not let in.
  if (compiled === undefined) return () => MISMATCH;
  const present = secrets["verification.secret"] ?? "";
  const previous = secrets["verification.previous_secret"] ?? "";
  const both = compileVerification(compiled, [present, previous]);
  const until = written.previous_secret_until;
  if (until === undefined) return both;
  const alone = compileVerification(compiled, [present]);
  return (request, nowMs) => (nowMs < until * 1000 ? both : alone)(request, nowMs);
}

function settingsOf(written: Written): VerificationSettings | undefined {
  const toleranceSeconds = written.tolerance ?? TOLERANCE_SECONDS;
  switch (written.type) {
    case "github":
    case "shopify":
      return { type: written.type };
    case "stripe":
    case "slack":
    case "standard-webhooks":
      return { type: written.type, toleranceSeconds };
    case "twilio":
      return { type: written.type, url: written.url ?? "" };
    case "hmac":
      return { type: written.type, toleranceSeconds, scheme: hmacScheme(written) };
    default:
      return undefined;
  }
}

function hmacScheme(written: Written) {
  const timestampHeader = written.timestamp_header ?? "";
  const signedContent = written.signed_content ?? "";
  const usual = timestampHeader === "" ? "{body}" : "{timestamp}.{body}";
  return {
    algorithm: written.algorithm ?? "sha256",
    encoding: written.encoding ?? "hex",
    header: written.header ?? "",
    prefix: written.prefix ?? "",
    timestampHeader,
    signedContent: signedContent === "" ? usual : signedContent,
  } as const;
}
