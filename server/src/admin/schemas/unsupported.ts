const REFUSED = "is not supported by this server version; leave it out";

/** A field of a feature that this version does not have: its default passes, so that existing clients work. */
export function onlyDefault(...defaults: readonly unknown[]): object {
  return { enum: defaults, refused: REFUSED };
}

/** The same for an object that a feature is switched on with by `enabled: true`. */
export function onlyDisabled(): object {
  return { type: "object", properties: { enabled: { enum: [false], refused: REFUSED } } };
}
