import { NotYetKnown } from "./not-yet-known.js";
import type { Properties, Value } from "./value.js";

/**
 * What stands for a value that is not yet known in Pulumi's protocol, one text for each type. The policy SDK throws when
 * one is read; mocks and the stack's own inputs hand them out as they are.
 */
const NOT_YET_KNOWN: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** How Pulumi marks a value that is more than its JSON, and what is a secret among them. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

function read(holder: Readonly<Record<string, unknown>>, name: string): Value | undefined {
  try {
    return plainValue(holder[name]);
  } catch (thrown) {
    return new NotYetKnown(thrown);
  }
}

function plainValue(value: unknown): Value | undefined {
  if (NOT_YET_KNOWN.has(value)) return new NotYetKnown();
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string")
    return value;
  if (typeof value !== "object") return undefined;
  const holder = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(value))
    return Array.from({ length: value.length }, (_, index) => read(holder, String(index)) ?? null);
  const signature = Object.hasOwn(holder, SIGNATURE) ? holder[SIGNATURE] : undefined;
  if (signature === SECRET) return read(holder, "value");
  return plainProperties(holder);
}

/**
 * Copies a resource's properties into plain data in which what is not yet known is a `NotYetKnown`, and secrets are their
 * values. Reads each property once and survives a holder that throws when it is read, as the policy SDK's does.
 */
export function plainProperties(holder: Readonly<Record<string, unknown>>): Properties {
  return Object.fromEntries(Object.keys(holder).map((name) => [name, read(holder, name)]));
}
