import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeDeliveries } from "./encode-deliveries.js";
import { ConnectResponse } from "./generated/relay.js";

const delivery = fc.record({
  sequence: fc.maxSafeNat(),
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  attempt: fc.integer({ min: 0, max: 0xffffffff }),
  output: fc.integer({ min: 0, max: 0xffffffff }),
  receivedAtMs: fc.maxSafeNat(),
  request: fc.uint8Array({ maxLength: 20_000 }),
  answerWanted: fc.boolean(),
});

test("writes the same bytes as the generated codec, whatever the deliveries", () => {
  fc.assert(
    fc.property(fc.array(delivery, { maxLength: 20 }), (deliveries) => {
      const expected = ConnectResponse.encode({ frame: { $case: "deliveries", value: { deliveries } } }).finish();
      expect(Buffer.compare(encodeDeliveries(deliveries), expected)).toBe(0);
    }),
  );
});
