import { createHmac } from "node:crypto";

/** How the destination can tell that a call comes from this relay. Secrets are opened already. */
export type Signing =
  | {
      /** https://www.standardwebhooks.com: `webhook-id`, `webhook-timestamp`, `webhook-signature`. */
      readonly kind: "standard-webhooks";
      /** Keys in bytes; while one replaces the other both sign, the new one first. */
      readonly keys: readonly Buffer[];
    }
  | {
      /** A keyed hash of the body in a field of its own, as GitHub and many others do. */
      readonly kind: "hmac";
      readonly key: Buffer;
      readonly header: string;
      /** Before the signature: `sha256=`. */
      readonly prefix: string;
      readonly algorithm: "sha1" | "sha256" | "sha512";
      readonly encoding: "hex" | "base64";
    };

export interface Signed {
  /** The same for all attempts, so that the destination can tell a repetition. */
  readonly id: string;
  readonly body: Uint8Array;
  readonly unixSeconds: number;
}

/** Lower-case names of the fields that a signature takes: those of the sender must not stand beside them. */
export function signedFields(signing: Signing): readonly string[] {
  return signing.kind === "hmac"
    ? [signing.header.toLowerCase()]
    : ["webhook-id", "webhook-timestamp", "webhook-signature"];
}

/** The fields of a signature: names and values alternating. */
export function signRequest(signing: Signing, { id, body, unixSeconds }: Signed): string[] {
  if (signing.kind === "hmac") {
    const { key, header, prefix, algorithm, encoding } = signing;
    return [header, `${prefix}${createHmac(algorithm, key).update(body).digest(encoding)}`];
  }
  const signatures = signing.keys.map(
    (key) => `v1,${createHmac("sha256", key).update(`${id}.${unixSeconds}.`).update(body).digest("base64")}`,
  );
  return ["webhook-id", id, "webhook-timestamp", String(unixSeconds), "webhook-signature", signatures.join(" ")];
}
