import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";

/**
 * Listens on 127.0.0.1 for a PostgreSQL that has a Unix socket alone, as the database's proxy beside a server does in a
 * cluster. `folder` is the socket's.
 */
export async function tcpToSocket(folder: string): Promise<{ port: number; close(): void }> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(join(folder, ".s.PGSQL.5432"));
    for (const socket of [client, database]) {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
      socket.on("error", () => {
        client.destroy();
        database.destroy();
      });
    }
    client.pipe(database).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
