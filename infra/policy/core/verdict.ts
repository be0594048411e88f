/** What a rule finds. What is not a verdict is in order. */
export type Verdict = Violation | Undecided;

export interface Violation {
  readonly kind: "violation";
  /** What is wrong, as "settings.ipConfiguration.ipv4Enabled is true, but has to be false". Never a secret's value. */
  readonly what: string;
  /** The resource that is wrong, for rules over a whole stack. */
  readonly urn?: string;
}

/** Nothing wrong is known, but a value that decides is known only after `up`: the rule is judged again then. */
export interface Undecided {
  readonly kind: "undecided";
  readonly path: string;
  readonly cause: unknown;
  readonly urn?: string;
}

/** A violation, of one resource of the stack when a URN is given. */
export function violation(what: string, urn?: string): Violation {
  return { kind: "violation", what, ...(urn === undefined ? {} : { urn }) };
}

/** The verdict on a value that has to be waited for. */
export function undecided(path: string, { cause }: { readonly cause: unknown }): Undecided {
  return { kind: "undecided", path, cause };
}
