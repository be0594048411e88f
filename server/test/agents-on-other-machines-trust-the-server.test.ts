import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { checkServerIdentity, connect } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "./support/run-server.js";

let server: TestServer;
let authority: Buffer;

beforeAll(async () => {
  server = await runServer({
    env: { LISTEN_ADDRESS: "0.0.0.0", PUBLIC_URL: "https://hooks.example.com/relay" },
    ownCertificate: true,
  });
  authority = await readFile(server.at.caFile);
});
afterAll(() => server.close());

/** A TLS handshake as an agent makes it that was told to reach `name`; resolves when it trusts the server. */
function handshake(port: string, name: string, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      {
        host: address,
        port: Number(port),
        ca: authority,
        ALPNProtocols: ["h2", "http/1.1"],
        checkServerIdentity: (_host, peer) => checkServerIdentity(name, peer),
      },
      () => {
        socket.destroy();
        resolve();
      },
    );
    socket.on("error", reject);
  });
}

function ports(): string[] {
  return [new URL(server.at.https).port, server.at.grpc.split(":").at(-1) ?? ""];
}

test("a server that listens on every address is trusted under each of them, and under PUBLIC_URL's host", async () => {
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const addresses = own.filter(({ family }) => family === "IPv4").map(({ address }) => address);
  expect(addresses).toContain("127.0.0.1");
  for (const port of ports()) {
    for (const address of addresses) await handshake(port, address, address);
    await handshake(port, "hooks.example.com", "127.0.0.1");
    await expect(handshake(port, "other.example.com", "127.0.0.1")).rejects.toThrow("altnames");
  }
});

test("after a restart the agents' cert.pem is still good", async () => {
  await server.kill("SIGTERM");
  await server.start();
  expect(await readFile(server.at.caFile)).toEqual(authority);
  for (const port of ports()) await handshake(port, "hooks.example.com", "127.0.0.1");
});
