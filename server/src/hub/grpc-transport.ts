import { type AddressInfo, createServer, type Socket } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { GRPC_METHOD, MAX_AGENT_FRAME_BYTES, MAX_FRAME_BYTES } from "../wire/index.js";
import type { AgentTransport, AgentTransportEvents } from "./agent-transport.js";
import type { Greeting } from "./greetings.js";
import type { Hub } from "./hub.js";

/** Agents that lost their server come back at once: they wait in the kernel's queue, as far as it allows. */
const BACKLOG = 4_096;

/** How long a connection stays after its stream has ended, for what was sent last and for the peer to close first. */
const CLOSE_TIMEOUT_MS = 5_000;

const passThrough = (bytes: Buffer): Buffer => bytes;

/** A TCP connection with its one stream. */
interface Connection {
  readonly socket: Socket;
  readonly greeting: Greeting;
  used: boolean;
}

export interface GrpcListenerOptions {
  readonly address: string;
  readonly port: number;
  /** PEM; undefined means plain text, which the caller allows on loopback only. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  readonly hub: Pick<Hub, "accept" | "greetings">;
  /** The agent's address, as trusted proxies tell it. */
  readonly clientAddress: (call: {
    readonly socket: Socket;
    readonly headers: Readonly<Record<string, string>>;
  }) => string;
}

export interface GrpcListener {
  readonly port: number;
  /** Stops accepting; open streams go on until `close`. */
  close(): Promise<void>;
}

/**
 * Serves the agent link over gRPC: frames pass as the bytes they are, the session decodes them.
 *
 * The TCP connections are ours and handed to gRPC, so that they are counted before they have said anything and can be cut:
 * a stranger that never starts a stream, and a peer that is gone without a word, whose socket would stay until TCP gives
 * up. One connection carries one stream; a proxy that joins agents is told so by HTTP/2 and opens more connections.
 */
export async function listenGrpc(options: GrpcListenerOptions): Promise<GrpcListener> {
  const { address, port, tls, hub } = options;
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_AGENT_FRAME_BYTES,
    "grpc.max_send_message_length": MAX_FRAME_BYTES,
    "grpc.max_concurrent_streams": 1,
  });
  const definition: grpc.MethodDefinition<Buffer, Buffer> = {
    path: GRPC_METHOD,
    requestStream: true,
    responseStream: true,
    requestSerialize: passThrough,
    requestDeserialize: passThrough,
    responseSerialize: passThrough,
    responseDeserialize: passThrough,
  };
  server.addService(
    { connect: definition },
    { connect: (call: Call) => serve(call, connections.get(call.getPeer()), options) },
  );
  const credentials =
    tls === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.cert }]);
  /** By the peer's address and port, as a call names it. */
  const connections = new Map<string, Connection>();
  const injector = server.createConnectionInjector(credentials);
  const listener = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    // The same peer twice is possible with two local addresses, and as rare as that.
    const greeting = connections.has(peer) ? undefined : hub.greetings.enter(socket, socket.remoteAddress ?? "");
    if (greeting === undefined) {
      socket.destroy();
      return;
    }
    connections.set(peer, { socket, greeting, used: false });
    socket.once("close", () => connections.delete(peer));
    injector.injectConnection(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen({ host: address, port, backlog: BACKLOG }, () => {
      listener.off("error", reject);
      resolve();
    });
  });
  return {
    port: (listener.address() as AddressInfo).port,
    close: async () => {
      listener.close();
      injector.destroy();
      server.forceShutdown();
      for (const { socket } of connections.values()) socket.destroy();
    },
  };
}

type Call = grpc.ServerDuplexStream<Buffer, Buffer>;

function serve(
  call: Call,
  connection: Connection | undefined,
  { hub, clientAddress }: Pick<GrpcListenerOptions, "hub" | "clientAddress">,
): void {
  if (connection === undefined || connection.used) {
    call.emit("error", { code: grpc.status.UNAVAILABLE, details: "One stream per connection." });
    return;
  }
  const { socket, greeting } = connection;
  connection.used = true;
  let open = true;
  let events: AgentTransportEvents | undefined;
  const part = () => {
    open = false;
    setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS).unref();
  };
  const transport: AgentTransport = {
    kind: "grpc",
    remoteAddress: clientAddress({ socket, headers: forwardedBy(call) }),
    send: (frame) => {
      if (open) call.write(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
    },
    bufferedBytes: () => call.writableLength,
    close: () => {
      if (!open) return;
      part();
      call.end();
    },
  };
  const lost = (reason: string) => {
    if (open) part();
    events?.closed(reason);
    events = undefined;
  };
  call.on("error", (error) => lost(error.message));
  call.on("cancelled", () => lost("cancelled"));
  call.on("end", () => {
    lost("ended by the agent");
    call.end();
  });
  events = hub.accept(transport, greeting);
  if (events === undefined) {
    part();
    call.emit("error", { code: grpc.status.UNAVAILABLE, details: "The server is stopping: try again later." });
    return;
  }
  call.on("data", (bytes: Buffer) => events?.frame(bytes));
}

/** Repeated fields are one list, as in HTTP. */
function forwardedBy(call: Call): Readonly<Record<string, string>> {
  const hops = call.metadata.get("x-forwarded-for");
  return hops.length === 0 ? {} : { "x-forwarded-for": hops.join(",") };
}
