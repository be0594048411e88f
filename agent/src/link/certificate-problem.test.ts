import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { expect, test } from "vitest";
import { certificateProblem } from "./certificate-problem.js";

/** What this Node says when a host is checked against a certificate. */
function mismatch(host: string, subjectaltname: string | undefined, cn?: string): string {
  const certificate = { subject: cn === undefined ? {} : { CN: cn }, subjectaltname } as unknown as PeerCertificate;
  return checkServerIdentity(host, certificate)?.message ?? "accepted";
}

test.each([
  ["relay.example.com", "DNS:localhost, IP Address:127.0.0.1", undefined, "localhost, 127.0.0.1"],
  ["192.0.2.1", "DNS:localhost, IP Address:127.0.0.1", undefined, "127.0.0.1"],
  ["192.0.2.1", "DNS:localhost", undefined, "other names"],
  ["relay.example.com", undefined, "old.example.com", "old.example.com"],
])("a certificate for another name than %s says both names", (host, altnames, cn, owner) => {
  const problem = certificateProblem(mismatch(host, altnames, cn));
  expect(problem).toMatch(new RegExp(`^the certificate is for ${owner}, you dialled ${host}:`));
  expect(problem).not.toContain("RELAY_CA_FILE");
});

test.each([
  [mismatch("relay.example.com", undefined), /is for no host name/],
  ["certificate has expired", /has expired: renew it/],
  ["self-signed certificate in certificate chain", /self-signed.*RELAY_CA_FILE/],
  ["unable to verify the first certificate", /unable to verify.*RELAY_CA_FILE/],
])("%s", (said, problem) => {
  expect(certificateProblem(said)).toMatch(problem);
});

test("another failure is none of a certificate", () => {
  expect(certificateProblem("connect ECONNREFUSED 127.0.0.1:9302")).toBeNull();
});
