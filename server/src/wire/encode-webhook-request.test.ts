import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeWebhookRequest } from "./encode-webhook-request.js";
import { WebhookRequest } from "./generated/relay.js";
import { decodeHeaderBlock, encodeHeaderBlock } from "./header-block.js";

const latin1 = fc.string({ unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)) });

test("writes the same bytes as the generated codec, whatever the request", () => {
  fc.assert(
    fc.property(
      fc.record({
        method: fc.string(),
        path: fc.string({ unit: "binary" }),
        query: latin1,
        hasQuery: fc.boolean(),
        rawHeaders: fc.array(fc.tuple(latin1, latin1)).map((pairs) => pairs.flat()),
        body: fc.uint8Array({ maxLength: 40_000 }),
        remoteAddress: fc.ipV6(),
      }),
      (request) => {
        const { rawHeaders, ...rest } = request;
        const expected = WebhookRequest.encode({ ...rest, headers: encodeHeaderBlock(rawHeaders) }).finish();
        const actual = encodeWebhookRequest(request);
        expect(Buffer.compare(actual, expected)).toBe(0);
        if (rawHeaders.some((part) => part !== "")) {
          expect(decodeHeaderBlock(WebhookRequest.decode(actual).headers)).toEqual(rawHeaders);
        }
      },
    ),
  );
});
