import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkServerIdentity, connect, createServer } from "node:tls";
import { generate } from "selfsigned";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listenOnLoopback } from "../../test/support/listen-on-loopback.js";
import { type Certificate, loadCertificate } from "./certificate.js";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "relay-tls-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const none = { certPath: "", certKeyPath: "", hosts: ["relay-host"] };

/** Connects to a server with this certificate, as an agent that trusts `ca` and looks for `host` does. */
async function trusts(ca: Buffer, certificate: Certificate, host: string): Promise<boolean | string> {
  const server = await listenOnLoopback(createServer(certificate, (socket) => socket.end("hello")));
  const client = connect({
    port: server.port,
    host: "127.0.0.1",
    ca,
    checkServerIdentity: (_, peer) => checkServerIdentity(host, peer),
  });
  try {
    await once(client, "secureConnect");
    return client.authorized;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    client.destroy();
    await server.stop();
  }
}

test("a self-signed certificate is made once, is its own authority, and its key is private", async () => {
  const first = await loadCertificate({ dataDir, ...none });
  const second = await loadCertificate({ dataDir, ...none });
  const authority = await readFile(first.caFile);
  expect([first.newAuthority, second.newAuthority]).toEqual([true, false]);
  expect(second).toEqual({ ...first, newAuthority: false });
  expect(first.cert).toEqual(authority);
  expect(first.caFile).toBe(join(dataDir, "tls/cert.pem"));
  expect((await stat(join(dataDir, "tls/key.pem"))).mode & 0o777).toBe(0o600);
  expect(new X509Certificate(first.cert).subjectAltName).toBe(
    "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:relay-host",
  );
  for (const certificate of [first, second]) {
    for (const host of ["relay-host", "localhost", "127.0.0.1", "::1"]) {
      expect(await trusts(authority, certificate, host)).toBe(true);
    }
  }
});

test("a new name of the server needs nothing of the agents: the authority they trust stays", async () => {
  const before = await loadCertificate({ dataDir, ...none });
  const authority = await readFile(before.caFile);
  const after = await loadCertificate({ dataDir, ...none, hosts: ["hooks.example.com", "192.0.2.7"] });
  expect(after.newAuthority).toBe(false);
  expect(await trusts(authority, after, "hooks.example.com")).toBe(true);
  expect(await trusts(authority, after, "192.0.2.7")).toBe(true);
  expect(await trusts(authority, after, "relay-host")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  const other = await mkdtemp(join(tmpdir(), "relay-tls-"));
  const stranger = await loadCertificate({ dataDir: other, ...none });
  expect(await trusts(authority, stranger, "relay-host")).not.toBe(true);
  // An agent may trust two servers, each with an authority of its own.
  const both = Buffer.concat([await readFile(stranger.caFile), authority]);
  expect(await trusts(both, after, "192.0.2.7")).toBe(true);
  expect(await trusts(both, stranger, "relay-host")).toBe(true);
  await rm(other, { recursive: true });
});

test("the certificate of the first version becomes the authority: its agents go on trusting the server", async () => {
  const old = await generate([{ name: "commonName", value: "Relay" }], {
    keyType: "ec",
    algorithm: "sha256",
    notAfterDate: new Date(Date.now() + 800 * 86_400_000),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  });
  await place(old.cert, old.private);
  const certificate = await loadCertificate({ dataDir, ...none, hosts: ["hooks.example.com"] });
  expect(certificate.newAuthority).toBe(false);
  expect(await trusts(Buffer.from(old.cert), certificate, "hooks.example.com")).toBe(true);
});

test("an authority near its end is made anew, a damaged one too; a certificate that is not ours is left alone", async () => {
  const notAfterDate = new Date(Date.now() + 20 * 86_400_000);
  const near = await generate([{ name: "commonName", value: "Relay 00" }], {
    keyType: "ec",
    algorithm: "sha256",
    notAfterDate,
    extensions: [{ name: "basicConstraints", cA: true, critical: true }],
  });
  await place(near.cert, near.private);
  const { caFile, newAuthority } = await loadCertificate({ dataDir, ...none });
  expect(newAuthority).toBe(true);
  await writeFile(caFile, "half a fi");
  expect((await loadCertificate({ dataDir, ...none })).newAuthority).toBe(true);
  const foreign = await generate([{ name: "commonName", value: "corp.example" }], { keyType: "ec", notAfterDate });
  await place(foreign.cert, foreign.private);
  const { cert, key } = await loadCertificate({ dataDir, ...none });
  expect([cert, key].map(String)).toEqual([foreign.cert, foreign.private]);
  expect(await readFile(caFile, "utf8")).toBe(foreign.cert);
});

async function place(cert: string, key: string): Promise<void> {
  await mkdir(join(dataDir, "tls"), { recursive: true });
  await writeFile(join(dataDir, "tls/cert.pem"), cert);
  await writeFile(join(dataDir, "tls/key.pem"), key);
}

test("the operator's files are used, and refused when they do not belong together", async () => {
  await loadCertificate({ dataDir, ...none });
  const certPath = join(dataDir, "tls/cert.pem");
  const certKeyPath = join(dataDir, "tls/key.pem");
  const own = { dataDir, hosts: ["relay-host"], certPath, certKeyPath };
  const { cert, key, caFile } = await loadCertificate(own);
  expect([cert, key, caFile]).toEqual([await readFile(certPath), await readFile(certKeyPath), certPath]);
  const other = await mkdtemp(join(tmpdir(), "relay-tls-"));
  await loadCertificate({ dataDir: other, ...none });
  const foreignKey = join(other, "tls/key.pem");
  await expect(loadCertificate({ ...own, certKeyPath: foreignKey })).rejects.toThrow("is not the one of");
  await expect(loadCertificate({ ...own, certPath: "/nowhere.pem" })).rejects.toThrow(
    "CERT_PATH, CERT_KEY_PATH: ENOENT",
  );
  await rm(other, { recursive: true });
});
