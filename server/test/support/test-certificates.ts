import { generate } from "selfsigned";
import { altNames } from "../../src/tls/alt-names.js";

/** A certificate and its key, both PEM. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

const EC = { keyType: "ec", curve: "P-256", algorithm: "sha256" } as const;
const HOUR_MS = 3_600_000;

/** An authority that nobody trusts by itself. */
export async function makeAuthority(): Promise<TestCertificate> {
  const { cert, private: key } = await generate([{ name: "commonName", value: "Test authority" }], {
    ...EC,
    notBeforeDate: new Date(Date.now() - 48 * HOUR_MS),
    notAfterDate: new Date(Date.now() + 24 * HOUR_MS),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert, key };
}

/** A certificate for these names; without an authority it is its own. `expired`: since an hour. */
export async function makeCertificate(
  names: readonly string[],
  { authority, expired = false, client = false }: { authority?: TestCertificate; expired?: boolean; client?: boolean },
): Promise<TestCertificate> {
  const { cert, private: key } = await generate([{ name: "commonName", value: names[0] ?? "test" }], {
    ...EC,
    notBeforeDate: new Date(Date.now() - 24 * HOUR_MS),
    notAfterDate: new Date(Date.now() + (expired ? -1 : 12) * HOUR_MS),
    ...(authority === undefined ? {} : { ca: authority }),
    extensions: [
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: !client, clientAuth: client },
      altNames(names),
    ],
  });
  return { cert, key };
}
