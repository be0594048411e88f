import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listenOnLoopback } from "../../test/support/listen-on-loopback.js";
import { loadCertificate } from "./certificate.js";

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "relay-tls-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const none = { certPath: "", certKeyPath: "", hosts: ["relay-host"] };

test("a self-signed certificate is made once, is its own authority, and its key is private", async () => {
  const first = await loadCertificate({ dataDir, ...none });
  expect(await loadCertificate({ dataDir, ...none })).toEqual(first);
  expect((await stat(join(dataDir, "tls/key.pem"))).mode & 0o777).toBe(0o600);
  expect(new X509Certificate(first.cert).subjectAltName).toBe(
    "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:relay-host",
  );
  const server = await listenOnLoopback(
    createServer({ cert: first.cert, key: first.key }, (socket) => socket.end("hello")),
  );
  const client = connect({ port: server.port, host: "127.0.0.1", ca: first.cert });
  await once(client, "secureConnect");
  expect(client.authorized).toBe(true);
  client.destroy();
  await server.stop();
});

test("a damaged self-signed certificate is made anew", async () => {
  const first = await loadCertificate({ dataDir, ...none });
  await writeFile(first.caFile, "half a fi");
  expect((await loadCertificate({ dataDir, ...none })).cert).not.toEqual(first.cert);
});

test("the operator's files are used, and refused when they do not belong together", async () => {
  const mine = await loadCertificate({ dataDir, ...none });
  const own = { dataDir, hosts: [], certPath: mine.caFile, certKeyPath: join(dataDir, "tls/key.pem") };
  expect(await loadCertificate(own)).toEqual(mine);
  const other = await mkdtemp(join(tmpdir(), "relay-tls-"));
  await loadCertificate({ dataDir: other, ...none });
  const foreignKey = join(other, "tls/key.pem");
  await expect(loadCertificate({ ...own, certKeyPath: foreignKey })).rejects.toThrow("is not the one of");
  await expect(loadCertificate({ ...own, certPath: "/nowhere.pem" })).rejects.toThrow(
    "CERT_PATH, CERT_KEY_PATH: ENOENT",
  );
  await rm(other, { recursive: true });
});
