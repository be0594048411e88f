import { expect, test } from "vitest";
import { connectionProblem } from "./connection-problem.js";

test.each([
  [
    "No connection established. Last error: Error: self-signed certificate. Resolution note: ",
    "the server's certificate is not accepted (self-signed certificate): RELAY_CA_FILE names the authority to trust",
  ],
  [
    "No connection established. Last error: connect ECONNREFUSED 127.0.0.1:9302. Resolution note: ",
    "connect ECONNREFUSED 127.0.0.1:9302",
  ],
  ["Name resolution failed for target dns:nowhere:9302", "Name resolution failed for target dns:nowhere:9302"],
  [
    "No connection established. Last error: Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: relay.example.com. is not in the cert's altnames: DNS:localhost, IP Address:127.0.0.1. Resolution note: ",
    "the certificate is for localhost, 127.0.0.1, you dialled relay.example.com: dial a name of the certificate, or give the server a certificate for relay.example.com",
  ],
  ["the connection broke", "the connection broke"],
])("%s", (said, shown) => {
  expect(connectionProblem(said)).toBe(shown);
});
