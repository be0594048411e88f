import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import type { FunctionDriver } from "../src/functions/function-call.js";
import { FunctionRunner } from "../src/functions/function-runner.js";
import { done, functionCall } from "./support/function-call.js";

const runner = new FunctionRunner({ workers: 2, deadlineMs: 10_000 });
afterAll(() => runner.stop());

const value = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((c) => c !== 0x7f)
    .map((c) => String.fromCharCode(c)),
});
const request = fc.record({
  method: fc.string(),
  path: fc.string({ unit: "binary" }),
  rawQuery: fc.string({ unit: "binary" }),
  headers: fc.array(fc.tuple(fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}$/), value), { maxLength: 12 }),
  body: fc.uint8Array({ maxLength: 3_000 }),
});

const READS = {
  js: `[r.method, r.path, r.rawQuery, r.body, r.bodyBytes, r.query, r.formData, r.metadata, Object.keys(r.headers)]; JSON.stringify(r.headers)`,
  lua: `local _ = r.RequestMethod .. r.RequestPath .. r.RequestRawQuery .. r.RequestBody, r.RequestQuery, r.Metadata
        for name, value in pairs(r.RequestHeader) do _ = name .. value end`,
};
/** Puts back what it reads, in bytes. */
const SETS = {
  js: `r.setBody(r.bodyBytes)`,
  lua: `r:SetRequestBody(r.RequestBody)`,
};

it.each<FunctionDriver>(["js", "lua"])(
  "what a function in %s did not change keeps its bytes, whatever they are",
  async (driver) => {
    await fc.assert(
      fc.asyncProperty(request, fc.boolean(), async (given, sets) => {
        const source = sets ? `${READS[driver]}\n${SETS[driver]}` : READS[driver];
        const result = done(await runner.run(functionCall(source, { driver, request: given })));
        expect(result.request).toEqual(given);
        expect(result.modified).toEqual({ method: false, path: false, rawQuery: false, headers: false, body: false });
        expect(result.request.body).toBe(given.body);
      }),
      { numRuns: 150 },
    );
  },
);

it.each<FunctionDriver>(["js", "lua"])("a header that a function in %s puts back keeps its bytes", async (driver) => {
  const source = { js: `r.setHeader("x", r.headers["x"])`, lua: `r:SetRequestHeader("x", r.RequestHeader["x"])` }[
    driver
  ];
  await fc.assert(
    fc.asyncProperty(value, async (text) => {
      const result = done(await runner.run(functionCall(source, { driver, request: { headers: [["x", text]] } })));
      expect(result.request.headers).toEqual([["x", text]]);
    }),
    { numRuns: 60 },
  );
});
