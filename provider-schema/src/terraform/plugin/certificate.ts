import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { der } from "./der.js";

/** A certificate that signs itself, with its key. */
export interface SelfSigned {
  readonly certificate: Buffer;
  readonly certificatePem: string;
  readonly keyPem: string;
}

const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
const COMMON_NAME = "2.5.4.3";
const SUBJECT_ALT_NAME = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
/** Of GeneralName: dNSName. */
const DNS_NAME = 2;
const VERSION_3 = Buffer.from([2]);
const HOUR_MS = 3_600_000;
/** The host keeps the process for one run; clocks may be wrong. */
const LIFE_MS = 365 * 24 * HOUR_MS;

/**
 * The certificate that a plugin shows its host, which trusts exactly this one: EC P-256, for `localhost`. `node:crypto`
 * makes none, and a library that does would cost a third of the start.
 */
export function selfSignedCertificate(now = Date.now()): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = der.sequence(der.set(der.sequence(der.objectId(COMMON_NAME), der.text("localhost"))));
  const algorithm = der.sequence(der.objectId(ECDSA_WITH_SHA256));
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const isAuthority = der.sequence(der.objectId(BASIC_CONSTRAINTS), TRUE, der.octets(der.sequence(TRUE)));
  const names = der.sequence(
    der.objectId(SUBJECT_ALT_NAME),
    der.octets(der.sequence(der.implicit(DNS_NAME, Buffer.from("localhost")))),
  );
  const content = der.sequence(
    der.explicit(0, der.integer(VERSION_3)),
    der.integer(serial),
    algorithm,
    name,
    der.sequence(der.time(new Date(now - 24 * HOUR_MS)), der.time(new Date(now + LIFE_MS))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der.explicit(3, der.sequence(isAuthority, names)),
  );
  const certificate = der.sequence(content, algorithm, der.bits(sign("sha256", content, privateKey)));
  return {
    certificate,
    certificatePem: pem(certificate),
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

const TRUE = Buffer.from([0x01, 0x01, 0xff]);

function pem(certificate: Buffer): string {
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
