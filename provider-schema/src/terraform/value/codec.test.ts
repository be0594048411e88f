import { ExtData, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UNKNOWN, type Value } from "../../engine/value.js";
import type { Attributes, Kind } from "../../model.js";
import { DecodeError, decodeJson, decodeObject, decodeValue } from "./decode.js";
import { encodeObject, encodeValue } from "./encode.js";

const NO_BYTES = Buffer.alloc(0);
const packed = (value: unknown) => ({ msgpack: encode(value), json: NO_BYTES });

/** Keys of maps that the decoder refuses are no keys of anything here. */
const key = fc.string().filter((text) => text !== "__proto__");

const anyKind: fc.Arbitrary<Kind> = fc.letrec<{ kind: Kind; attributes: Attributes }>((tie) => ({
  kind: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<Kind>({ type: "string" }, { type: "integer" }, { type: "boolean" }, { type: "json" }),
    fc.record({ type: fc.constantFrom("list" as const, "set" as const, "map" as const), of: tie("kind") }),
    fc.record({ type: fc.constant("object" as const), attributes: tie("attributes") }),
  ),
  attributes: fc.dictionary(
    fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
    fc.record({ kind: tie("kind"), presence: fc.constant("optional" as const), doc: fc.constant("") }),
    { maxKeys: 4 },
  ),
})).kind;

function anyOf(kind: Kind): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom<Value>(null, UNKNOWN) },
    { weight: 6, arbitrary: known(kind) },
  );
}

function known(kind: Kind): fc.Arbitrary<Value> {
  switch (kind.type) {
    case "string":
      return fc.string({ unit: "binary" });
    case "integer":
      return fc.oneof(
        fc.maxSafeInteger(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
      );
    case "boolean":
      return fc.boolean();
    case "json":
      return fc
        .jsonValue({ maxDepth: 3 })
        .filter((each) => !/__proto__|-0/.test(JSON.stringify(each))) as fc.Arbitrary<Value>;
    case "list":
    case "set":
      return fc.array(anyOf(kind.of), { maxLength: 4 });
    case "map":
      return fc.dictionary(key, anyOf(kind.of), { maxKeys: 4, noNullPrototype: true });
    case "object":
      return fc.record(
        Object.fromEntries(Object.entries(kind.attributes).map(([name, attribute]) => [name, anyOf(attribute.kind)])),
        { noNullPrototype: true },
      );
  }
}

describe("values of the protocol", () => {
  test("any value of any kind comes back as it went", () => {
    fc.assert(
      fc.property(
        anyKind.chain((kind) => fc.tuple(fc.constant(kind), anyOf(kind))),
        ([kind, value]) => {
          expect(decodeValue(kind, encodeValue(kind, value))).toEqual(value);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("an object has exactly its attributes, whatever the values have", () => {
    const attributes: Attributes = {
      a: { kind: { type: "string" }, presence: "optional", doc: "" },
      b: { kind: { type: "integer" }, presence: "optional", doc: "" },
    };
    expect(decodeObject(attributes, encodeObject(attributes, { a: "x", c: "y" }))).toEqual({ a: "x", b: null });
    expect(decodeObject(attributes, packed({ a: "x", c: "y" }))).toEqual({ a: "x", b: null });
    expect(decodeObject(attributes, encodeObject(attributes, null))).toBeNull();
    expect(decodeObject(attributes, undefined)).toBeNull();
  });

  test.each([
    ["plain", new ExtData(0, new Uint8Array(1))],
    [
      "refined",
      new ExtData(
        12,
        encode(
          new Map<number, unknown>([
            [1, false],
            [2, "x-"],
          ]),
        ),
      ),
    ],
    ["of a code of the future", new ExtData(99, new Uint8Array(3))],
  ])("an unknown is one: %s", (_, data) => {
    expect(decodeValue({ type: "list", of: { type: "string" } }, packed(data))).toBe(UNKNOWN);
    expect(decodeValue({ type: "list", of: { type: "string" } }, packed([data, "a"]))).toEqual([UNKNOWN, "a"]);
  });

  test("an unknown is written as terraform writes it", () => {
    expect(Buffer.from(encodeValue({ type: "string" }, UNKNOWN).msgpack).toString("hex")).toBe("d40000");
  });

  test("a number comes as an integer, a float or a decimal", () => {
    for (const raw of [12, 12.0, "12"]) expect(decodeValue({ type: "integer" }, packed(raw))).toBe(12);
    expect(decodeValue({ type: "integer" }, packed(1.5))).toBe(1.5);
  });

  test("a value of another type is refused by the name of its place, without the value", () => {
    const attributes: Attributes = {
      password: {
        kind: { type: "object", attributes: { x: { kind: { type: "boolean" }, presence: "optional", doc: "" } } },
        presence: "optional",
        doc: "",
      },
    };
    expect(() => decodeObject(attributes, packed({ password: { x: "s3cret" } }))).toThrow(
      "password.x is not a boolean",
    );
    expect(() => decodeValue({ type: "integer" }, packed("a secret"))).toThrow(DecodeError);
    expect(() => decodeJson({ type: "string" }, Buffer.from("{"))).toThrow("is not JSON");
  });

  test("JSON is read as well", () => {
    expect(
      decodeValue({ type: "map", of: { type: "string" } }, { msgpack: NO_BYTES, json: Buffer.from('{"a":"b"}') }),
    ).toEqual({ a: "b" });
  });
});
