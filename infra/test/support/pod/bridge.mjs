import { connect, createServer } from "node:net";

/** @typedef {{ readonly path: string } | { readonly host: string, readonly port: number, readonly localAddress?: string }} Place */

/**
 * Listens at one place and passes each connection on to another, which is asked for anew each time; undefined refuses. A
 * Unix socket, being a file, leads from one network to another.
 *
 * @param {Place} from
 * @param {() => Place | undefined} to
 * @returns {Promise<{ readonly port: number, close(): void }>}
 */
export async function startBridge(from, to) {
  /** @type {Set<import("node:net").Socket>} */
  const open = new Set();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const place = to();
    if (place === undefined) return client.destroy();
    const target = connect({ allowHalfOpen: true, ...place });
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        open.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.pipe(target).pipe(client);
    return undefined;
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(from, () => resolve(undefined));
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
