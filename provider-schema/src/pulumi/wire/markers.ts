/** Key of an object that is not what it looks like; its value says what it is. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** Signature of a secret: the object has `value` beside it. */
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
/** Signature of an output: `value` (absent: unknown), `secret`, `dependencies`. */
export const OUTPUT_VALUE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** Signature of a reference to a resource: `urn`, `id`. */
export const RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
/** Signatures of what no attribute of ours takes. */
export const ASSET = "c44067f5952c0a294b673a41bacd8c17";
export const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** What stands for an unknown string, and for an unknown value in general. */
export const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Texts that stand for unknown values: of a string, boolean, number, array, asset, archive, object. */
export const UNKNOWNS: ReadonlySet<string> = new Set([
  UNKNOWN_STRING,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
