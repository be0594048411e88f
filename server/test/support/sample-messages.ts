import { type Ack, type Hello, Outcome } from "../../src/wire/index.js";

/** A Hello with the usual answers filled in. */
export function sampleHello(fields: Partial<Hello> = {}): Hello {
  return {
    protocol: 1,
    tokenKey: "",
    tokenSecret: "",
    ticket: new Uint8Array(),
    buckets: [],
    outputs: [],
    agent: "test-agent",
    instance: "instance-1",
    version: "0.0.0-test",
    window: 64,
    windowBytes: 8 * 1024 * 1024,
    ...fields,
  };
}

/** The ack of a delivery that its destination took at the first try. */
export function sampleAck(sequence: number, fields: Partial<Ack> = {}): Ack {
  return {
    sequence,
    outcome: Outcome.OUTCOME_DELIVERED,
    statusCode: 200,
    durationMs: 1,
    tries: 1,
    error: "",
    response: undefined,
    fromLedger: false,
    ...fields,
  };
}
