import type { Socket } from "node:net";
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
} from "@grpc/grpc-js";
import { GRPC_METHOD, MAX_FRAME_BYTES } from "@relay/server/wire";
import { connectionProblem } from "./connection-problem.js";
import { onProxyRefusal, type ProxyRefusal } from "./grpc-proxy-log.js";
import { type HttpProxy, proxyAddress } from "./http-proxy.js";
import { isLoopback } from "./loopback.js";
import { proxyProblem } from "./proxy-problem.js";
import { readAuthorities, type TlsSettings } from "./tls-settings.js";
import type { Transport, TransportConnection, TransportEvents } from "./transport.js";
import { watchedCredentials } from "./watched-credentials.js";

export interface GrpcTransportOptions {
  /** `host:port`, IPv6 addresses in brackets. */
  readonly address: string;
  readonly tls: TlsSettings;
  /** False: plain text, accepted for loopback addresses only. */
  readonly requireTls: boolean;
  /** Null: the server is reached directly. */
  readonly proxy: HttpProxy | null;
}

/** Room for a burst of deliveries before the peer must wait for a window update (HTTP/2 default: 64 KiB). */
const FLOW_CONTROL_WINDOW = 4 * 1024 * 1024;

const CLOSE_TIMEOUT_MS = 1_000;

/**
 * The agent link over a gRPC bidirectional stream. Throws when plain text would leave the machine, and for a proxy that
 * grpc-js cannot use.
 */
export function grpcTransport(options: GrpcTransportOptions): Transport {
  const host = hostOf(options.address);
  if (!options.requireTls && !isLoopback(host)) {
    throw new Error(
      `refusing to send the token in plain text to ${options.address}: RELAY_REQUIRE_TLS=false is for loopback addresses only. Remove it, or give the server a certificate (RELAY_CA_FILE names its authority).`,
    );
  }
  const { proxy } = options;
  if (proxy?.secure === true) {
    throw new Error(
      `gRPC does not go through a proxy that is itself reached by TLS (https://${proxyAddress(proxy)}): use --ws, or the proxy's http:// address in HTTPS_PROXY.`,
    );
  }
  const channel = options.requireTls ? tlsCredentials(options.tls) : credentials.createInsecure();
  const channelOptions: ChannelOptions = {
    "grpc.max_receive_message_length": MAX_FRAME_BYTES,
    "grpc.max_send_message_length": MAX_FRAME_BYTES,
    "grpc-node.flow_control_window": FLOW_CONTROL_WINDOW,
    // The agent has its own way of reconnecting; a channel lives as long as its one stream.
    "grpc.enable_retries": 0,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.service_config_disable_resolution": 1,
    // Which proxy to use was decided before; grpc-js would look into the environment by rules of its own.
    "grpc.enable_http_proxy": 0,
    ...(proxy === null ? {} : tunnelOptions(proxy, options.address)),
  };
  const target = proxy === null ? options.address : `dns:${proxyAddress(proxy)}`;
  const explain = proxy === null ? connectionProblem : explainThrough(proxy, options.address);
  return {
    address: `${options.requireTls ? "grpcs" : "grpc"}://${options.address}`,
    connect: (events) => connect({ target, channel, channelOptions, explain }, events),
  };
}

/** What grpc-js sets for itself when it finds a proxy in the environment (its http_proxy.js). */
function tunnelOptions({ credentials: creds }: HttpProxy, address: string): ChannelOptions {
  return {
    "grpc.http_connect_target": `dns:${address}`,
    "grpc.default_authority": address,
    ...(creds === null ? {} : { "grpc.http_connect_creds": creds }),
  };
}

function explainThrough(proxy: HttpProxy, address: string): (said: string) => string {
  let refusal: ProxyRefusal | null = null;
  onProxyRefusal((latest) => {
    refusal = latest;
  });
  return (said) => {
    const problem = connectionProblem(said);
    if (/^Name resolution failed/.test(problem)) return proxyProblem(proxy, address, { error: problem });
    return problem === "undefined" && refusal !== null ? proxyProblem(proxy, address, refusal) : problem;
  };
}

function tlsCredentials(tls: TlsSettings) {
  if (tls.verify) return credentials.createSsl(readAuthorities(tls));
  return credentials.createSsl(null, null, null, {
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
}

interface ChannelSettings {
  readonly target: string;
  readonly channel: ChannelCredentials;
  readonly channelOptions: ChannelOptions;
  /** Turns what grpc-js says of a failure into words for people. */
  readonly explain: (said: string) => string;
}

function connect(
  { target, channel, channelOptions, explain }: ChannelSettings,
  events: TransportEvents,
): TransportConnection {
  let closed = false;
  const sockets = new Set<Socket>();
  const watched = watchedCredentials(channel, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // The TCP connection came after its end.
    if (closed) socket.destroy();
  });
  const client = new Client(target, watched, channelOptions);
  const stream: ClientDuplexStream<Uint8Array, Buffer> = client.makeBidiStreamRequest(
    GRPC_METHOD,
    asBuffer,
    (bytes: Buffer) => bytes,
    new Metadata(),
  );
  let ownReason: string | null = null;
  const destroySockets = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const closeOnce = (reason: string): void => {
    if (closed) return;
    closed = true;
    client.close();
    // The peer is given time to close too; one that is gone never does.
    setTimeout(destroySockets, CLOSE_TIMEOUT_MS).unref();
    events.onClose(ownReason ?? reason);
  };
  stream.on("data", (frame: Buffer) => {
    if (!closed) events.onFrame(frame);
  });
  // Without a listener an error would end the process. `status` follows every error, but not the other way round.
  stream.on("error", (error: Error & { details?: string }) => closeOnce(explain(error.details || error.message)));
  stream.on("status", (status: { code: number; details: string }) =>
    closeOnce(status.code === 0 ? "the server closed the connection" : explain(status.details)),
  );
  // The stream takes frames before the connection stands; they leave with it.
  setImmediate(() => {
    if (!closed) events.onOpen();
  });
  return {
    send(frame) {
      if (!closed) stream.write(frame);
    },
    close() {
      ownReason ??= "closed by the agent";
      stream.end();
      // A peer that never ends its half must not hold the program.
      setTimeout(() => stream.cancel(), CLOSE_TIMEOUT_MS).unref();
    },
    destroy(reason) {
      ownReason ??= reason;
      stream.cancel();
      // A cancelled call reports its status some turns later; the reason is known now.
      closeOnce(reason);
    },
  };
}

function asBuffer(frame: Uint8Array): Buffer {
  return Buffer.isBuffer(frame) ? frame : Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
}

function hostOf(address: string): string {
  const colon = address.lastIndexOf(":");
  return colon === -1 ? address : address.slice(0, colon);
}
