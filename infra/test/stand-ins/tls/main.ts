import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { Value } from "../../../../provider-schema/src/engine/value.js";
import { certifyKey } from "../../../../server/test/support/certify-key.js";
import { LocalStandIn, type Maker } from "../local/local-stand-in.js";
import { serveStandIn } from "../protocol/serve-stand-in.js";

const CURVES: Readonly<Record<string, string>> = { P224: "P-224", P256: "P-256", P384: "P-384", P521: "P-521" };

function generated(algorithm: Value, { curve, bits }: { curve: string; bits: number }): KeyObject {
  switch (algorithm) {
    case "ECDSA":
      return generateKeyPairSync("ec", { namedCurve: CURVES[curve] ?? curve }).privateKey;
    case "ED25519":
      return generateKeyPairSync("ed25519").privateKey;
    case "RSA":
      return generateKeyPairSync("rsa", { modulusLength: bits }).privateKey;
    default:
      throw new Error(`there is no algorithm ${String(algorithm)}: ECDSA, ED25519 or RSA`);
  }
}

/** As the real plugin writes them: each kind of key in its own, older form of PEM, where it has one. */
function pem(key: KeyObject): string {
  const type = { ec: "sec1", rsa: "pkcs1" }[String(key.asymmetricKeyType)] ?? "pkcs8";
  return key.export({ type: type as "pkcs8", format: "pem" }).toString();
}

const privateKey: Maker = ({ algorithm, ecdsaCurve, rsaBits }) => {
  const [curve, bits] = [String(ecdsaCurve ?? "P224"), Number(rsaBits ?? 2048)];
  const key = generated(algorithm ?? null, { curve, bits });
  const publicKey = createPublicKey(key);
  const bytes = publicKey.export({ type: "spki", format: "der" });
  const values = {
    ecdsaCurve: curve,
    rsaBits: bits,
    privateKeyPem: pem(key),
    privateKeyPemPkcs8: key.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
    publicKeyFingerprintSha256: `SHA256:${createHash("sha256").update(bytes).digest("base64")}`,
  };
  const id = createHash("sha1").update(bytes).digest("hex");
  return { id, values, secrets: ["privateKeyPem", "privateKeyPemPkcs8"] };
};

const selfSignedCert: Maker = async ({ privateKeyPem, subject, dnsNames, ipAddresses, validityPeriodHours }) => {
  const names = [dnsNames, ipAddresses].flatMap((each) => (Array.isArray(each) ? each.map(String) : []));
  const { commonName = "" } = (subject ?? {}) as { readonly commonName?: string };
  const hours = Number(validityPeriodHours);
  const certPem = await certifyKey(String(privateKeyPem), { names, commonName, hours });
  const now = Date.now();
  const values = {
    certPem,
    readyForRenewal: false,
    validityStartTime: new Date(now).toISOString(),
    validityEndTime: new Date(now + hours * 3_600_000).toISOString(),
  };
  return { id: createHash("sha256").update(certPem).digest("hex").slice(0, 32), values, secrets: [] };
};

serveStandIn(
  "tls",
  new LocalStandIn("tls", {
    "tls:index/privateKey:PrivateKey": privateKey,
    "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
  }),
);
