import type { Delivery } from "./generated/relay.js";
import { varintBytes, writeVarint } from "./varint.js";

// Field numbers of relay.proto, with their wire types: 0 for numbers, 2 for what has a length.
const RESPONSE_DELIVERIES = (2 << 3) | 2;
const DELIVERIES_DELIVERY = (1 << 3) | 2;
const SEQUENCE = 1 << 3;
const ID = (2 << 3) | 2;
const ATTEMPT = 3 << 3;
const OUTPUT = 4 << 3;
const RECEIVED_AT = 5 << 3;
const REQUEST = (6 << 3) | 2;
const ANSWER_WANTED = 7 << 3;

const ID_BYTES = 16;

/**
 * Encodes a `ConnectResponse` with these deliveries: the bytes of the generated codec (a property test holds them
 * together), written straight into one buffer, because every webhook passes here.
 */
export function encodeDeliveries(deliveries: readonly Delivery[]): Buffer {
  const sizes = deliveries.map(deliverySize);
  let inner = 0;
  for (const size of sizes) inner += 1 + varintBytes(size) + size;
  const buffer = Buffer.allocUnsafe(1 + varintBytes(inner) + inner);
  buffer[0] = RESPONSE_DELIVERIES;
  let at = writeVarint(buffer, 1, inner);
  for (let i = 0; i < deliveries.length; i += 1) {
    const delivery = deliveries[i];
    if (delivery === undefined) continue;
    buffer[at] = DELIVERIES_DELIVERY;
    at = writeVarint(buffer, at + 1, sizes[i] ?? 0);
    at = writeNumber(buffer, at, SEQUENCE, delivery.sequence);
    buffer[at] = ID;
    buffer[at + 1] = ID_BYTES;
    buffer.set(delivery.id, at + 2);
    at = writeNumber(buffer, at + 2 + ID_BYTES, ATTEMPT, delivery.attempt);
    at = writeNumber(buffer, at, OUTPUT, delivery.output);
    at = writeNumber(buffer, at, RECEIVED_AT, delivery.receivedAtMs);
    if (delivery.request.length > 0) {
      buffer[at] = REQUEST;
      at = writeVarint(buffer, at + 1, delivery.request.length);
      buffer.set(delivery.request, at);
      at += delivery.request.length;
    }
    at = writeNumber(buffer, at, ANSWER_WANTED, Number(delivery.answerWanted));
  }
  return buffer;
}

function deliverySize({ sequence, attempt, output, receivedAtMs, request, answerWanted }: Delivery): number {
  const body = request.length === 0 ? 0 : 1 + varintBytes(request.length) + request.length;
  return (
    numberSize(sequence) +
    2 +
    ID_BYTES +
    numberSize(attempt) +
    numberSize(output) +
    numberSize(receivedAtMs) +
    body +
    numberSize(Number(answerWanted))
  );
}

function numberSize(value: number): number {
  return value === 0 ? 0 : 1 + varintBytes(value);
}

function writeNumber(buffer: Uint8Array, at: number, tag: number, value: number): number {
  if (value === 0) return at;
  buffer[at] = tag;
  return writeVarint(buffer, at + 1, value);
}
