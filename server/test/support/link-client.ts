import { readFileSync } from "node:fs";
import * as grpc from "@grpc/grpc-js";
import WebSocket from "ws";
import {
  type Ack,
  ConnectRequest,
  ConnectResponse,
  type Delivery,
  GRPC_METHOD,
  type Hello,
  type Output,
  WEBSOCKET_PATH,
  WEBSOCKET_PROTOCOL,
} from "../../src/wire/index.js";
import type { TestServer } from "./run-server.js";
import { sampleAck, sampleHello } from "./sample-messages.js";
import { waitFor } from "./wait-for.js";

export type TransportKind = "grpc" | "websocket";
export const TRANSPORTS: readonly TransportKind[] = ["grpc", "websocket"];

type ServerFrame = NonNullable<ConnectResponse["frame"]>;
type AgentFrame = NonNullable<ConnectRequest["frame"]>;
type FrameOf<C extends ServerFrame["$case"]> = Extract<ServerFrame, { $case: C }>["value"];

interface Wire {
  send(bytes: Uint8Array): void;
  /** Half of a polite end: the peer still may send. */
  end(): void;
  destroy(): void;
  pause(): void;
  resume(): void;
}

/** A minimal agent that does only what a test tells it to: it answers no ping and acknowledges nothing by itself. */
export class LinkClient {
  readonly frames: ServerFrame[] = [];
  readonly deliveries: Delivery[] = [];
  outputs: readonly Output[] = [];
  /** Why the connection ended; undefined while it lives. */
  closed: string | undefined;
  /** Answers the server's pings. */
  answerPings = false;
  /** Acknowledges each delivery as delivered as soon as it comes. */
  acknowledgeAll = false;
  readonly #wire: Wire;

  constructor(open: (events: { frame(bytes: Uint8Array): void; closed(reason: string): void }) => Wire) {
    this.#wire = open({
      frame: (bytes) => this.#received(bytes),
      closed: (reason) => {
        this.closed ??= reason;
      },
    });
  }

  send(frame: AgentFrame): void {
    this.sendBytes(ConnectRequest.encode({ frame }).finish());
  }

  sendBytes(bytes: Uint8Array): void {
    this.#wire.send(bytes);
  }

  ack(delivery: Delivery, fields: Partial<Ack> = {}): void {
    this.send({ $case: "acks", value: { acks: [sampleAck(delivery.sequence, fields)] } });
  }

  /** Ends politely, without Goodbye. */
  end(): void {
    this.#wire.end();
  }

  /** Breaks the connection. */
  destroy(): void {
    this.#wire.destroy();
  }

  /** Stops reading from the connection. */
  pause(): void {
    this.#wire.pause();
  }

  resume(): void {
    this.#wire.resume();
  }

  all<C extends ServerFrame["$case"]>(kind: C): FrameOf<C>[] {
    return this.frames.filter((frame) => frame.$case === kind).map((frame) => frame.value as FrameOf<C>);
  }

  /** The first frame of a kind, once it is there. */
  async first<C extends ServerFrame["$case"]>(kind: C, timeoutMs = 10_000): Promise<FrameOf<C>> {
    const [frame] = await waitFor(
      `a ${kind} frame (closed: ${this.closed})`,
      () => {
        const frames = this.all(kind);
        return frames.length > 0 && frames;
      },
      { timeoutMs },
    );
    if (frame === undefined) throw new Error("unreachable: the list was not empty");
    return frame;
  }

  /** Waits until there are this many deliveries, and returns all. */
  async received(count: number, timeoutMs = 10_000): Promise<Delivery[]> {
    return waitFor(`${count} deliveries`, () => this.deliveries.length >= count && this.deliveries, { timeoutMs });
  }

  async ended(timeoutMs = 10_000): Promise<string> {
    return waitFor("the end of the connection", () => this.closed, { timeoutMs });
  }

  #received(bytes: Uint8Array): void {
    const { frame } = ConnectResponse.decode(bytes);
    if (frame === undefined) return;
    this.frames.push(frame);
    if (frame.$case === "outputs") this.outputs = frame.value.outputs;
    if (frame.$case === "ping" && this.answerPings) this.send({ $case: "pong", value: {} });
    if (frame.$case === "deliveries") {
      this.deliveries.push(...frame.value.deliveries);
      if (this.acknowledgeAll) for (const delivery of frame.value.deliveries) this.ack(delivery);
    }
  }
}

export interface ConnectOptions {
  /** Header fields of the request, or metadata of the call, as a proxy on the way adds them. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Connects without a word. */
export function connectLink(
  server: Pick<TestServer, "at">,
  kind: TransportKind,
  { headers = {} }: ConnectOptions = {},
): LinkClient {
  const trust: Trust = { ca: readFileSync(server.at.caFile), headers };
  return new LinkClient((events) =>
    kind === "grpc" ? openGrpc(server.at.grpc, trust, events) : openWebSocket(server.at.https, trust, events),
  );
}

/** A Hello with the usual answers filled in, ready to send. */
export function hello(fields: Partial<Hello>): AgentFrame {
  return { $case: "hello", value: sampleHello(fields) };
}

/** Connects, says hello and waits for the welcome and the outputs. */
export async function openSession(
  server: Pick<TestServer, "at">,
  kind: TransportKind,
  token: { key: string; secret: string },
  fields: Partial<Hello> = {},
): Promise<LinkClient> {
  const client = connectLink(server, kind);
  client.send(hello({ tokenKey: token.key, tokenSecret: token.secret, ...fields }));
  await client.first("outputs");
  return client;
}

interface Trust {
  readonly ca: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

function openGrpc(
  address: string,
  { ca, headers }: Trust,
  events: { frame(bytes: Uint8Array): void; closed(reason: string): void },
): Wire {
  const client = new grpc.Client(address, grpc.credentials.createSsl(ca), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.enable_http_proxy": 0,
    // An address is no name: TLS would warn.
    "grpc.ssl_target_name_override": "localhost",
  });
  const pass = (bytes: Buffer) => bytes;
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const stream = client.makeBidiStreamRequest<Buffer, Buffer>(GRPC_METHOD, pass, pass, metadata);
  stream.on("data", (bytes: Buffer) => events.frame(bytes));
  stream.on("error", () => undefined);
  stream.on("status", (status: grpc.StatusObject) => {
    client.close();
    events.closed(`${grpc.status[status.code]}: ${status.details}`);
  });
  return {
    send: (bytes) => void stream.write(Buffer.from(bytes)),
    end: () => stream.end(),
    destroy: () => {
      stream.cancel();
      client.close();
    },
    pause: () => stream.pause(),
    resume: () => stream.resume(),
  };
}

function openWebSocket(
  origin: string,
  { ca, headers }: Trust,
  events: { frame(bytes: Uint8Array): void; closed(reason: string): void },
): Wire {
  const socket = new WebSocket(origin.replace("https:", "wss:") + WEBSOCKET_PATH, WEBSOCKET_PROTOCOL, {
    ca,
    headers,
    perMessageDeflate: false,
  });
  const early: Uint8Array[] = [];
  socket.on("open", () => {
    for (const bytes of early.splice(0)) socket.send(bytes);
  });
  socket.on("message", (data: Buffer) => events.frame(data));
  socket.on("error", (error) => events.closed(error.message));
  socket.on("close", (code, reason) => events.closed(`${code} ${reason.toString()}`));
  return {
    send: (bytes) => {
      if (socket.readyState === WebSocket.CONNECTING) early.push(bytes);
      else if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
    },
    end: () => socket.close(1000),
    destroy: () => socket.terminate(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
}
