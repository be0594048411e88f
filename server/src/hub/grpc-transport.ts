import * as grpc from "@grpc/grpc-js";
import { GRPC_METHOD, MAX_AGENT_FRAME_BYTES, MAX_FRAME_BYTES } from "../wire/index.js";
import type { AgentTransport, AgentTransportEvents } from "./agent-transport.js";

const passThrough = (bytes: Buffer): Buffer => bytes;

export interface GrpcListenerOptions {
  readonly address: string;
  readonly port: number;
  /** PEM; undefined means plain text, which the caller allows on loopback only. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** Called for each agent; returns what listens to it, or undefined when there is no place. */
  readonly accept: (transport: AgentTransport) => AgentTransportEvents | undefined;
}

export interface GrpcListener {
  readonly port: number;
  /** Stops accepting; open streams go on until `close`. */
  close(): Promise<void>;
}

/** Serves the agent link over gRPC: frames pass as the bytes they are, the session decodes them. */
export async function listenGrpc({ address, port, tls, accept }: GrpcListenerOptions): Promise<GrpcListener> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MAX_AGENT_FRAME_BYTES,
    "grpc.max_send_message_length": MAX_FRAME_BYTES,
    "grpc.max_concurrent_streams": 8,
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
    { connect: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => serve(call, accept) },
  );
  const credentials =
    tls === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.cert }]);
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${address.includes(":") ? `[${address}]` : address}:${port}`, credentials, (error, boundPort) => {
      if (error === null) resolve(boundPort);
      else reject(error);
    });
  });
  return {
    port: bound,
    close: async () => {
      server.forceShutdown();
    },
  };
}

function serve(
  call: grpc.ServerDuplexStream<Buffer, Buffer>,
  accept: (transport: AgentTransport) => AgentTransportEvents | undefined,
): void {
  let open = true;
  let events: AgentTransportEvents | undefined;
  const transport: AgentTransport = {
    kind: "grpc",
    remoteAddress: withoutPort(call.getPeer()),
    send: (frame) => {
      if (open) call.write(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
    },
    bufferedBytes: () => call.writableLength,
    close: () => {
      if (!open) return;
      open = false;
      call.end();
    },
  };
  const lost = (reason: string) => {
    open = false;
    events?.closed(reason);
    events = undefined;
  };
  call.on("error", (error) => lost(error.message));
  call.on("cancelled", () => lost("cancelled"));
  call.on("end", () => {
    lost("ended by the agent");
    call.end();
  });
  events = accept(transport);
  if (events === undefined) {
    call.emit("error", { code: grpc.status.RESOURCE_EXHAUSTED, details: "Too many agents: try again later." });
    return;
  }
  call.on("data", (bytes: Buffer) => events?.frame(bytes));
}

/** `192.0.2.1:4711` or `[2001:db8::1]:4711` without its port. */
function withoutPort(peer: string): string {
  return peer.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
