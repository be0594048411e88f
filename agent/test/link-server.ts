import { createServer } from "node:http";
import * as grpc from "@grpc/grpc-js";
import {
  type Ack,
  ConnectRequest,
  ConnectResponse,
  type Delivery,
  encodeHeaderBlock,
  GRPC_METHOD,
  type Hello,
  MAX_FRAME_BYTES,
  type Output,
  type Try,
  WEBSOCKET_PATH,
  WebhookRequest,
} from "@relay/server/wire";
import { WebSocketServer } from "ws";
import { Changes } from "../../server/test/support/changes.js";
import { listenOnLoopback } from "../../server/test/support/listen-on-loopback.js";

/** The server's side of the agent link, small and obedient, for tests: what it sends is what the test says. */
export interface LinkServer {
  readonly grpcAddress: string;
  readonly webSocketAddress: string;
  /** Every session since the start, in order. */
  readonly sessions: ServerSession[];
  /** The nth session (from 1), once it has said Hello. */
  session(number: number): Promise<ServerSession>;
  close(): Promise<void>;
}

export interface LinkServerOptions {
  readonly grpcPort?: number;
  /** Answers a Hello; default: Welcome with one output per `outputs`. */
  readonly onHello?: (session: ServerSession, hello: Hello) => void;
  readonly outputs?: readonly Output[];
  readonly heartbeatMs?: number;
  /** False: announced retries are not answered, until the test does. */
  readonly answerTries?: boolean;
}

type ServerFrame = NonNullable<ConnectResponse["frame"]>;

export class ServerSession {
  hello: Hello | null = null;
  readonly acks = new Map<number, Ack>();
  /** Announced retries, in order. */
  readonly tries: Try[] = [];
  readonly frames: NonNullable<ConnectRequest["frame"]>[] = [];
  closed = false;
  /** False: nothing is sent and nothing answered, as on a half-open link. */
  speaking = true;
  /** Announced retries are allowed as soon as they come. */
  answerTries = true;
  readonly #write: (frame: Uint8Array) => void;
  readonly #end: () => void;
  readonly #changes = new Changes();

  constructor(write: (frame: Uint8Array) => void, end: () => void) {
    this.#write = write;
    this.#end = end;
  }

  send(frame: ServerFrame): void {
    if (this.speaking && !this.closed) this.#write(ConnectResponse.encode({ frame }).finish());
  }

  sendRaw(bytes: Uint8Array): void {
    this.#write(bytes);
  }

  welcome(heartbeatMs: number, ticket: Uint8Array = new Uint8Array(0), recordsTries = true): void {
    const value = {
      protocol: 1,
      epoch: 1,
      heartbeatMs,
      resumeMs: 600_000,
      ticket,
      ticketTtlSeconds: 60,
      serverVersion: "test",
      recordsTries,
    };
    this.send({ $case: "welcome", value });
  }

  outputs(outputs: readonly Output[]): void {
    this.send({ $case: "outputs", value: { outputs: [...outputs], unknownBuckets: [] } });
  }

  deliver(...deliveries: Delivery[]): void {
    this.send({ $case: "deliveries", value: { deliveries } });
  }

  allowTries(...recorded: number[]): void {
    this.send({ $case: "triesAnswer", value: { recorded, refused: [] } });
  }

  refuseTries(...refused: number[]): void {
    this.send({ $case: "triesAnswer", value: { recorded: [], refused } });
  }

  end(): void {
    this.#end();
  }

  /** Resolves when the condition holds; looked at after every frame and at the end. */
  async until(condition: () => boolean): Promise<void> {
    await this.#changes.until(condition);
  }

  ack(sequence: number): Promise<Ack> {
    return this.#changes.until(() => this.acks.get(sequence));
  }

  receive(bytes: Uint8Array): void {
    const { frame } = ConnectRequest.decode(bytes);
    if (frame === undefined) return;
    this.frames.push(frame);
    if (frame.$case === "hello") this.hello = frame.value;
    if (frame.$case === "acks") for (const ack of frame.value.acks) this.acks.set(ack.sequence, ack);
    if (frame.$case === "tries") {
      this.tries.push(...frame.value.tries);
      if (this.answerTries) this.allowTries(...frame.value.tries.map(({ sequence }) => sequence));
    }
    if (frame.$case === "ping") this.send({ $case: "pong", value: {} });
    if (frame.$case === "goodbye") this.end();
    this.#changes.announce();
  }

  lost(): void {
    this.closed = true;
    this.#changes.announce();
  }
}

/** Starts a link server on loopback without TLS, over both transports. */
export async function startLinkServer(options: LinkServerOptions = {}): Promise<LinkServer> {
  const sessions: ServerSession[] = [];
  const changes = new Changes();
  const onHello =
    options.onHello ??
    ((session: ServerSession) => {
      session.answerTries = options.answerTries ?? true;
      session.welcome(options.heartbeatMs ?? 10_000);
      session.outputs(options.outputs ?? []);
    });
  const accept = (session: ServerSession): ((bytes: Uint8Array) => void) => {
    return (bytes) => {
      const first = session.hello === null;
      session.receive(bytes);
      if (!first || session.hello === null) return;
      sessions.push(session);
      onHello(session, session.hello);
      changes.announce();
    };
  };
  const gRpc = new grpc.Server({
    "grpc.max_receive_message_length": MAX_FRAME_BYTES,
    "grpc.max_send_message_length": MAX_FRAME_BYTES,
  });
  const pass = (bytes: Buffer): Buffer => bytes;
  const method = { path: GRPC_METHOD, requestStream: true, responseStream: true };
  const coding = {
    requestSerialize: pass,
    requestDeserialize: pass,
    responseSerialize: pass,
    responseDeserialize: pass,
  };
  gRpc.addService(
    { connect: { ...method, ...coding } },
    {
      connect(call: grpc.ServerDuplexStream<Buffer, Buffer>) {
        const session = new ServerSession(
          (frame) => call.write(Buffer.from(frame)),
          () => call.end(),
        );
        const receive = accept(session);
        call.on("data", receive);
        call.on("error", () => session.lost());
        call.on("cancelled", () => session.lost());
        call.on("end", () => {
          session.lost();
          call.end();
        });
      },
    },
  );
  const grpcPort = await new Promise<number>((resolve, reject) => {
    const address = `127.0.0.1:${options.grpcPort ?? 0}`;
    gRpc.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
  const http = createServer();
  const webSocket = new WebSocketServer({ server: http, path: WEBSOCKET_PATH, maxPayload: MAX_FRAME_BYTES });
  webSocket.on("connection", (socket) => {
    const session = new ServerSession(
      (frame) => socket.send(frame),
      () => socket.close(),
    );
    const receive = accept(session);
    socket.on("message", (data) => receive(data as Buffer));
    socket.on("close", () => session.lost());
  });
  const { port, stop } = await listenOnLoopback(http);
  return {
    grpcAddress: `127.0.0.1:${grpcPort}`,
    webSocketAddress: `ws://127.0.0.1:${port}`,
    sessions,
    session: (number) => changes.until(() => sessions[number - 1]),
    async close() {
      gRpc.forceShutdown();
      for (const socket of webSocket.clients) socket.terminate();
      webSocket.close();
      await stop();
    },
  };
}

/** An output as the server would send it. */
export function testOutput(destination: string, changes: Partial<Output> = {}): Output {
  return {
    number: 1,
    id: "00000000-0000-4000-8000-000000000001",
    name: "local",
    bucketId: "00000000-0000-4000-8000-0000000000b1",
    bucketName: "demo",
    destination,
    lockPath: false,
    headers: [],
    timeoutSeconds: 0,
    tlsVerification: true,
    ...changes,
  };
}

export interface TestWebhook {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string | null;
  readonly headers?: readonly string[];
  readonly body?: Uint8Array;
}

/** A delivery of a webhook; `query: null` has no question mark. */
export function testDelivery(sequence: number, webhook: TestWebhook = {}, changes: Partial<Delivery> = {}): Delivery {
  const id = Buffer.alloc(16);
  id.writeUInt32BE(sequence, 12);
  const query = webhook.query ?? null;
  return {
    sequence,
    id,
    attempt: 1,
    output: 1,
    receivedAtMs: Date.now(),
    answerWanted: false,
    request: WebhookRequest.encode({
      method: webhook.method ?? "POST",
      path: webhook.path ?? "",
      query: query ?? "",
      hasQuery: query !== null,
      headers: encodeHeaderBlock(webhook.headers ?? ["Content-Type", "text/plain"]),
      body: webhook.body ?? Buffer.from("hello"),
      remoteAddress: "192.0.2.1",
    }).finish(),
    ...changes,
  };
}
