import { readFileSync } from "node:fs";
import * as grpc from "@grpc/grpc-js";
import {
  ConnectRequest,
  ConnectResponse,
  GRPC_METHOD,
  MAX_FRAME_BYTES,
  Outcome,
  PROTOCOL_VERSION,
} from "@relay/server/wire";
import { serveParent } from "../processes/rpc.js";

/**
 * Many agents in one process: each has its own TCP and TLS connection, its own name and session, speaks the wire contract
 * and reconnects for ever with full jitter. They take deliveries and acknowledge them at once without calling anybody.
 */
export interface SwarmOptions {
  readonly grpcAddress: string;
  readonly caFile: string;
  readonly key: string;
  readonly secret: string;
  readonly bucket: string;
  /** Numbers in the agents' names: from here on, so many. */
  readonly firstAgent: number;
  readonly agents: number;
}

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MOST_MS = 5_000;
const passThrough = (bytes: Buffer): Buffer => bytes;

let live = 0;
let stopping = false;
const refusals: Record<string, number> = {};

function count(why: string): void {
  refusals[why] = (refusals[why] ?? 0) + 1;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function runAgent(options: SwarmOptions, name: string, credentials: grpc.ChannelCredentials): void {
  let ticket: Uint8Array = new Uint8Array();
  let failures = 0;

  function connect(): void {
    const client = new grpc.Client(options.grpcAddress, credentials, {
      "grpc.use_local_subchannel_pool": 1,
      // The certificate names both; Node warns about a server name that is an address.
      "grpc.ssl_target_name_override": "localhost",
      "grpc.max_receive_message_length": MAX_FRAME_BYTES,
    });
    const call = client.makeBidiStreamRequest(GRPC_METHOD, passThrough, passThrough);
    let welcomed = false;
    let ended = false;
    let heartbeat: NodeJS.Timeout | undefined;
    const write = (frame: NonNullable<ConnectRequest["frame"]>) =>
      call.write(asBuffer(ConnectRequest.encode({ frame }).finish()));

    function again(): void {
      if (ended) return;
      ended = true;
      clearInterval(heartbeat);
      if (welcomed) live -= 1;
      call.cancel();
      client.close();
      if (stopping) return;
      setTimeout(connect, Math.random() * Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** failures));
      failures += 1;
    }

    call.on("error", (error: Error) => {
      if (!ended) count(error.message.replace(/[\d.]+:\d+/, "the server"));
      again();
    });
    call.on("end", again);
    call.on("data", (bytes: Buffer) => {
      const { frame } = ConnectResponse.decode(bytes);
      switch (frame?.$case) {
        case "welcome":
          welcomed = true;
          failures = 0;
          live += 1;
          ticket = Uint8Array.from(frame.value.ticket);
          heartbeat = setInterval(() => write({ $case: "ping", value: {} }), frame.value.heartbeatMs);
          return;
        case "refused":
          count(`refused for reason ${frame.value.reason}`);
          ticket = new Uint8Array();
          again();
          return;
        case "ping":
          write({ $case: "pong", value: {} });
          return;
        case "goAway":
          again();
          return;
        case "deliveries":
          write({
            $case: "acks",
            value: {
              acks: frame.value.deliveries.map(({ sequence }) => ({
                sequence,
                outcome: Outcome.OUTCOME_DELIVERED,
                statusCode: 200,
                durationMs: 0,
                tries: 1,
                error: "",
                response: undefined,
                fromLedger: false,
              })),
            },
          });
      }
    });
    write({
      $case: "hello",
      value: {
        protocol: PROTOCOL_VERSION,
        tokenKey: options.key,
        tokenSecret: ticket.length > 0 ? "" : options.secret,
        ticket,
        agent: name,
        instance: name,
        version: "bench",
        buckets: [options.bucket],
        window: 32,
        windowBytes: 1024 * 1024,
        outputs: [],
      },
    });
  }

  connect();
}

serveParent({
  start: (options: SwarmOptions) => {
    const credentials = grpc.credentials.createSsl(readFileSync(options.caFile));
    for (let i = 0; i < options.agents; i += 1) runAgent(options, `bench-${options.firstAgent + i}`, credentials);
  },
  live: () => live,
  refusals: () => refusals,
  stop: () => {
    stopping = true;
    setImmediate(() => process.exit(0));
  },
});
