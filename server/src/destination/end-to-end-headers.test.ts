import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endToEndHeaders, headerOverrides } from "./end-to-end-headers.js";

const NONE = headerOverrides([]);
const DELIVERY = { id: "0190f2c4-0000-7000-8000-000000000001", attempt: 2 };
const ADDED = ["X-Relay-Delivery-Id", DELIVERY.id, "X-Relay-Attempt", "2"];

describe("headers to the destination", () => {
  test("end-to-end fields keep order, case and repetition", () => {
    const fields = ["x-b", "1", "X-A", "2", "X-B", "3", "Set-Cookie", "a=1", "set-cookie", "b=2", "X-Empty", ""];
    expect(endToEndHeaders(fields, NONE, DELIVERY)).toEqual([...fields, ...ADDED]);
  });

  test("hop-by-hop fields, and those that Connection names, stay behind", () => {
    const fields = [
      ["Connection", "close, X-Private"],
      ["Keep-Alive", "timeout=5"],
      ["Proxy-Authenticate", "Basic"],
      ["Proxy-Authorization", "Basic eDp5"],
      ["Proxy-Connection", "keep-alive"],
      ["TE", "trailers"],
      ["Trailer", "X-T"],
      ["Transfer-Encoding", "chunked"],
      ["Upgrade", "h2c"],
      ["Expect", "100-continue"],
      ["Host", "relay.example.com"],
      ["Content-Length", "5"],
      ["x-private", "secret of this hop"],
      ["X-Kept", "1"],
    ].flat();
    expect(endToEndHeaders(fields, NONE, DELIVERY)).toEqual(["X-Kept", "1", ...ADDED]);
  });

  test("threat: a sender forges the relay's own fields", () => {
    const forged = ["x-relay-delivery-id", "forged", "X-RELAY-ATTEMPT", "99"];
    expect(endToEndHeaders(forged, NONE, DELIVERY)).toEqual(ADDED);
  });

  test("overrides replace every field of their name, are added in order, and may set Host", () => {
    const overrides = headerOverrides([
      { name: "X-Token", value: "1" },
      { name: "X-Token", value: "2" },
      { name: "Host", value: "first.example" },
      { name: "host", value: "second.example" },
      { name: "Transfer-Encoding", value: "chunked" },
      { name: "Content-Length", value: "0" },
    ]);
    const sent = endToEndHeaders(["x-token", "sender", "X-Kept", "1"], overrides, DELIVERY);
    expect(sent).toEqual(["X-Kept", "1", "X-Token", "1", "X-Token", "2", "host", "second.example", ...ADDED]);
  });

  test("any other fields come out as they went in", () => {
    const name = fc
      .stringMatching(/^[xX]-[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/)
      .filter((text) => !/^x-relay-/i.test(text));
    const value = fc.string({ unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (fields) => {
        expect(endToEndHeaders(fields.flat(), NONE, DELIVERY)).toEqual([...fields.flat(), ...ADDED]);
      }),
    );
  });
});
