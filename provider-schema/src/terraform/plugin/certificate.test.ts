import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { selfSignedCertificate } from "./certificate.js";

test("a certificate is one for localhost that its own key signed", () => {
  for (let i = 0; i < 20; i += 1) {
    const { certificate, certificatePem } = selfSignedCertificate();
    const parsed = new X509Certificate(certificate);
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.subjectAltName).toBe("DNS:localhost");
    expect(parsed.subject).toBe("CN=localhost");
    expect(parsed.issuer).toBe("CN=localhost");
    expect(parsed.ca).toBe(true);
    expect(Date.parse(parsed.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(parsed.validTo)).toBeGreaterThan(Date.now() + 86_400_000);
    expect(new X509Certificate(certificatePem).raw.equals(certificate)).toBe(true);
  }
});

test("no two certificates have one key or serial number", () => {
  const [a, b] = [selfSignedCertificate(), selfSignedCertificate()].map(
    ({ certificate }) => new X509Certificate(certificate),
  );
  expect(a?.serialNumber).not.toBe(b?.serialNumber);
  expect(a?.fingerprint).not.toBe(b?.fingerprint);
});
