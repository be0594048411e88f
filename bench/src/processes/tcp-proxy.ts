import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A link that can be cut: stands between an agent and a server. */
export interface TcpProxy {
  readonly port: number;
  /** New connections go to this port from now on. */
  retarget(port: number): void;
  /** The network is gone: nothing is forwarded, nothing is closed, new connections hang. */
  cut(): void;
  /** The network is back: what hung is reset, new connections work. */
  heal(): void;
  /** Open connections stop forwarding without a word, new ones work. `heal` resets the dead ones. */
  halfOpen(): void;
  /** Connections that forward. */
  readonly open: number;
  stop(): Promise<void>;
}

interface Link {
  readonly ends: readonly Socket[];
  frozen: boolean;
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startTcpProxy(target: { port: number }): Promise<TcpProxy> {
  let port = target.port;
  let down = false;
  const links = new Set<Link>();

  function reset(link: Link): void {
    links.delete(link);
    for (const end of link.ends) end.resetAndDestroy();
  }

  function freeze(link: Link): void {
    link.frozen = true;
    for (const end of link.ends) {
      end.unpipe();
      end.pause();
    }
  }

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    if (down) {
      const held: Link = { ends: [near], frozen: true };
      near.on("error", () => links.delete(held));
      near.pause();
      links.add(held);
      return;
    }
    const far = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    const link: Link = { ends: [near, far], frozen: false };
    links.add(link);
    near.pipe(far);
    far.pipe(near);
    for (const end of link.ends) {
      end.on("error", () => link.frozen || reset(link));
      end.on("close", () => {
        if (link.ends.every((each) => each.destroyed)) links.delete(link);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return [...links].filter((link) => !link.frozen).length;
    },
    retarget(next) {
      port = next;
    },
    cut() {
      down = true;
      for (const link of links) freeze(link);
    },
    heal() {
      down = false;
      for (const link of [...links]) if (link.frozen) reset(link);
    },
    halfOpen() {
      for (const link of links) freeze(link);
    },
    async stop() {
      for (const link of [...links]) reset(link);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
