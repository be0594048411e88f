import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands between agents and a server, and can make either side believe that the other is gone without a word. */
export interface MuteProxy {
  readonly port: number;
  /** What is connected now stays, but nothing is forwarded any more and nobody is told of an end. Later connections work. */
  mute(): void;
  close(): void;
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startMuteProxy(target: { readonly port: number }): Promise<MuteProxy> {
  const sockets = new Set<Socket>();
  const muted = new WeakSet<Socket>();
  // Half-open: a peer that is gone does not answer a FIN with its own.
  const listener = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target.port, host: "127.0.0.1", allowHalfOpen: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => undefined);
      from.on("data", (bytes) => {
        if (!muted.has(from)) to.write(bytes);
      });
      from.on("end", () => {
        if (!muted.has(from)) to.end();
      });
      from.on("close", () => {
        sockets.delete(from);
        if (!muted.has(from)) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    mute() {
      for (const socket of sockets) muted.add(socket);
    },
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
