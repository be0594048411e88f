import fc from "fast-check";
import { expect, test } from "vitest";
import { firstIdAt, idBytes, idText, idTime, isUuid, newId } from "./ids.js";

/** Far above the clocks that other tests use: the counter of the module never goes back. */
const T0 = Date.UTC(2100, 0, 1);

test("ids of one process grow, whatever the clock does", () => {
  let last = idText(newId(T0));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: T0 - 100_000, max: T0 + 100_000 }), { maxLength: 200 }), (times) => {
      for (const time of times) {
        const id = idText(newId(time));
        expect(id > last).toBe(true);
        last = id;
      }
    }),
  );
});

test("more ids than one millisecond has still grow and never repeat", () => {
  const now = T0 + 500_000;
  const count = 300_000;
  let last = "";
  for (let i = 0; i < count; i += 1) {
    const id = newId(now).toString("latin1");
    if (id <= last) throw new Error(`id ${i} does not grow`);
    last = id;
  }
});

test("an id is a version 7 UUID that tells its time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (step) => {
      const now = T0 + 1_000_000_000 + step * 1_000;
      const bytes = newId(now);
      const text = idText(bytes);
      expect(isUuid(text)).toBe(true);
      expect(text[14]).toBe("7");
      expect("89ab").toContain(text[19]);
      expect(idTime(text)).toBeGreaterThanOrEqual(now);
      expect(idBytes(text).equals(bytes)).toBe(true);
    }),
  );
});

test("a new millisecond shows in the id at once", () => {
  const now = T0 + 3_000_000_000_000;
  expect(idTime(idText(newId(now)))).toBe(now);
  expect(idTime(idText(newId(now + 1)))).toBe(now + 1);
});

test("text and bytes of any UUID convert into each other", () => {
  fc.assert(
    fc.property(fc.uuid(), (text) => {
      expect(idText(idBytes(text))).toBe(text);
    }),
  );
});

test("a range of time is a range of ids", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 47 }), fc.uuid({ version: 7 }), (time, any) => {
      const hex = time.toString(16).padStart(12, "0");
      const id = `${hex.slice(0, 8)}-${hex.slice(8)}${any.slice(13)}`;
      expect(idTime(id)).toBe(time);
      expect(firstIdAt(time) <= id).toBe(true);
      expect(id < firstIdAt(time + 1)).toBe(true);
    }),
  );
});

test("a time before 1970 and a fraction of a millisecond make a valid id too", () => {
  expect(firstIdAt(-5)).toBe("00000000-0000-0000-0000-000000000000");
  expect(isUuid(firstIdAt(1.5))).toBe(true);
});

test("isUuid takes nothing but the canonical lower-case form", () => {
  const id = idText(newId(T0));
  for (const wrong of ["", id.toUpperCase(), `${id} `, `{${id}}`, id.replaceAll("-", ""), `${id}\n`, `x${id}`]) {
    expect(isUuid(wrong)).toBe(false);
  }
});
