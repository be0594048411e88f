import fc from "fast-check";
import { expect, it } from "vitest";
import { firstIdAt } from "../ids.js";
import { decodeCursor, earlier, encodeCursor, momentId } from "./log-query.js";

it("a cursor comes back as the id it was made of, and nothing else is taken for one", () => {
  fc.assert(fc.property(fc.uuid(), (id) => decodeCursor(encodeCursor(id)) === id));
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 30 }), (text) => {
      expect(() => decodeCursor(text)).toThrow();
    }),
  );
});

it("turns days and times into ranges of ids; the end of a range includes its day or millisecond", () => {
  const at = (text: string) => firstIdAt(Date.parse(text));
  expect(momentId("from", "2026-01-31", "start")).toBe(at("2026-01-31T00:00:00Z"));
  expect(momentId("to", "2026-01-31", "end")).toBe(at("2026-02-01T00:00:00Z"));
  expect(momentId("to", "2026-01-31T12:00:00+02:00", "end")).toBe(at("2026-01-31T10:00:00.001Z"));
  expect(momentId("to", "", "end")).toBeUndefined();
  for (const text of ["2026-1-1", "2026-02-30", "2026-01-31T12:00:00", "now", "1"]) {
    expect(() => momentId("from", text, "start")).toThrow("from: is not a day or a time");
  }
});

it("takes the earlier end", () => {
  expect([earlier("a", "b"), earlier("b", "a"), earlier(undefined, "b"), earlier(undefined, undefined)]).toEqual([
    "a",
    "a",
    "b",
    undefined,
  ]);
});
