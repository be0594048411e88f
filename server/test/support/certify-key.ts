import { createPrivateKey, createPublicKey } from "node:crypto";
import { generate } from "selfsigned";
import { altNames } from "../../src/tls/alt-names.js";

/** A certificate in PEM of a P-256 or RSA key, in PEM, signed by that key, for these names and addresses. */
export async function certifyKey(
  privateKeyPem: string,
  { names, commonName, hours }: { names: readonly string[]; commonName: string; hours: number },
): Promise<string> {
  const key = createPrivateKey(privateKeyPem);
  const { cert } = await generate([{ name: "commonName", value: commonName }], {
    keyType: key.asymmetricKeyType === "ec" ? "ec" : "rsa",
    curve: "P-256",
    algorithm: "sha256",
    keyPair: {
      privateKey: key.export({ type: "pkcs8", format: "pem" }).toString(),
      publicKey: createPublicKey(key).export({ type: "spki", format: "pem" }).toString(),
    },
    notAfterDate: new Date(Date.now() + hours * 3_600_000),
    extensions: [altNames(names)],
  });
  return cert;
}
