import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Path } from "../../engine/problem.js";
import { isValues, UNKNOWN, type Value, type Values } from "../../engine/value.js";
import { decodeProperties } from "./decode-properties.js";
import { encodeProperties } from "./encode-properties.js";
import { Struct, type Value as WireValue } from "./generated/pulumi_provider.js";
import { ASSET, OUTPUT_VALUE, RESOURCE_REFERENCE, SECRET, SIGNATURE, UNKNOWNS } from "./markers.js";
import { formatPropertyPath, parsePropertyPath } from "./property-path.js";

const name = fc.oneof(fc.string(), fc.constant("__proto__"), fc.constant("constructor"), fc.constant("value"));
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true }),
    fc.string({ unit: "grapheme" }),
    fc.constant(UNKNOWN),
    fc.array(tie("value"), { maxLength: 3 }),
    dictionary(tie("value")),
  ),
}));
const values = dictionary(value) as fc.Arbitrary<Values>;

function dictionary(of: fc.Arbitrary<Value>): fc.Arbitrary<Values> {
  return fc
    .uniqueArray(fc.tuple(name, of), { maxLength: 4, selector: ([key]) => key })
    .map((all) => Object.fromEntries(all));
}

/** Every way there is in a value. */
function ways(of: Value, at: Path = []): Path[] {
  if (isValues(of)) return Object.entries(of).flatMap(([key, each]) => [[...at, key], ...ways(each, [...at, key])]);
  if (typeof of !== "object" || of === null) return [];
  return (of as readonly Value[]).flatMap((each, i) => [[...at, i], ...ways(each, [...at, i])]);
}

const properties = values.chain((all) => {
  const paths = ways(all);
  return fc.record({ values: fc.constant(all), secrets: paths.length === 0 ? fc.constant([]) : fc.subarray(paths) });
});

const sorted = (paths: readonly Path[]) => paths.map((path) => JSON.stringify(path)).sort();
const text = (of: string): WireValue => ({ kind: { $case: "stringValue", value: of } });
const marked = (marker: string, rest: [string, WireValue][]): WireValue => ({
  kind: { $case: "structValue", value: { fields: new Map([[SIGNATURE, text(marker)], ...rest]) } },
});

describe("properties", () => {
  test("are the same after the way over the wire, with what is secret and what is unknown", () => {
    fc.assert(
      fc.property(properties, (sent) => {
        const bytes = Struct.encode(encodeProperties(sent)).finish();
        const got = decodeProperties(Struct.decode(bytes));
        expect(got.values).toEqual(sent.values);
        expect(sorted(got.secrets)).toEqual(sorted(sent.secrets));
      }),
    );
  });

  test("are the same bytes after the way to values and back", () => {
    fc.assert(
      fc.property(properties, (sent) => {
        const struct = encodeProperties(sent);
        expect(Struct.encode(encodeProperties(decodeProperties(struct))).finish()).toEqual(
          Struct.encode(struct).finish(),
        );
      }),
    );
  });

  test.each([...UNKNOWNS])("%s stands for something unknown", (marker) => {
    expect(decodeProperties({ fields: new Map([["a", text(marker)]]) }).values).toEqual({ a: UNKNOWN });
  });

  test("takes outputs and references to resources for what they hold", () => {
    const fields = new Map<string, WireValue>([
      [
        "known",
        marked(OUTPUT_VALUE, [
          ["value", text("x")],
          ["secret", { kind: { $case: "boolValue", value: true } }],
        ]),
      ],
      ["unknown", marked(OUTPUT_VALUE, [])],
      [
        "bucket",
        marked(RESOURCE_REFERENCE, [
          ["urn", text("urn:pulumi:…")],
          ["id", text("the id")],
        ]),
      ],
      ["secret", marked(SECRET, [["value", text("y")]])],
    ]);
    expect(decodeProperties({ fields })).toEqual({
      values: { known: "x", unknown: UNKNOWN, bucket: "the id", secret: "y" },
      secrets: [["known"], ["secret"]],
    });
  });

  test("threat: a marker of a newer engine is refused, not taken for a value", () => {
    for (const marker of ["ffff", ASSET]) {
      const fields = new Map([["a", marked(marker, [["value", text("x")]])]]);
      expect(() => decodeProperties({ fields })).toThrow(/^a: /);
    }
  });
});

describe("a way to a property", () => {
  test("reads as it is written", () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.stringMatching(/^[a-z][A-Za-z0-9]*$/), fc.array(fc.oneof(fc.string(), fc.nat()))),
        ([first, rest]) => {
          const path = [first, ...rest];
          expect(parsePropertyPath(formatPropertyPath(path))).toEqual(path);
        },
      ),
    );
  });

  test.each([
    ["auth.password", ["auth", "password"]],
    ['headers["X-A"][0]', ["headers", "X-A", 0]],
    ["scopes.buckets[*]", ["scopes", "buckets"]],
    ["*", []],
    ["a[", undefined],
  ])("%s", (written, path) => {
    expect(parsePropertyPath(written)).toEqual(path);
  });
});
